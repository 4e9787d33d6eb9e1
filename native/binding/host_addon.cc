#include <napi.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/background.h"
#include "binding/model_wrap.h"
#include "binding/options.h"
#include "host/hosted_session.h"

// The host addon: the server's way to models in processes of their own. Its functions and their types:
// src/engine/host-addon.ts.

namespace tandem::binding {
namespace {

using host::Arena;
using host::HostConnection;
using host::HostedSession;
using host::HostLink;

using Links = std::vector<std::shared_ptr<HostLink>>;

// What a new host is given: both ends of its channels.
struct Channels {
  std::shared_ptr<host::HostProcess> process = std::make_shared<host::HostProcess>();
  std::vector<std::shared_ptr<HostConnection>> connections;
  std::vector<int> sockets;  // the host's ends, until it has them

  Channels() = default;
  Channels(const Channels&) = delete;
  Channels& operator=(const Channels&) = delete;
  ~Channels() { CloseHostEnds(); }

  void CloseHostEnds() {
    for (const int socket : std::exchange(sockets, {})) close(socket);
  }
};

void AddChannel(Channels& channels, host::ArenaSizes sizes) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Error(Code::kResourceExhausted, std::string("cannot make a pair of sockets: ") + std::strerror(errno));
  }
  channels.sockets.push_back(ends[1]);
  channels.connections.push_back(
      std::make_shared<HostConnection>(ends[0], std::make_shared<Arena>(sizes), channels.process));
}

Napi::Value MakeChannels(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object options = info[0].As<Napi::Object>();
  auto channels = std::make_unique<Channels>();
  return Guarded(env, "cannot connect to a host", [&] {
    const host::ArenaSizes sizes{static_cast<std::size_t>(ReadNumber(options, "arenaBytes")),
                                 static_cast<std::size_t>(ReadNumber(options, "arenaGrowthBytes"))};
    const auto count = static_cast<std::size_t>(ReadNumber(options, "instances"));
    Napi::Array descriptors = Napi::Array::New(env);
    for (std::size_t i = 0; i < count; ++i) {
      AddChannel(*channels, sizes);
      descriptors.Set(descriptors.Length(), channels->sockets.back());
      descriptors.Set(descriptors.Length(), channels->connections.back()->arena->descriptor());
    }
    Napi::Object made = Napi::Object::New(env);
    made.Set("descriptors", descriptors);
    made.Set("handle", Napi::External<Channels>::New(env, channels.release(),
                                                     [](Napi::BasicEnv, const Channels* owned) { delete owned; }));
    return made;
  });
}

// The host has its ends now: here they would hide that it has ended.
Napi::Value CloseHostEnds(const Napi::CallbackInfo& info) {
  info[0].As<Napi::External<Channels>>().Data()->CloseHostEnds();
  return info.Env().Undefined();
}

// attach(channels, process), detach(), fail(code, message)
void AddControls(Napi::Env env, Napi::Object model, const std::shared_ptr<Links>& links) {
  const auto attach = [links](const Napi::CallbackInfo& info) {
    Channels& channels = *info[0].As<Napi::External<Channels>>().Data();
    if (channels.connections.size() != links->size()) {
      throw Napi::TypeError::New(info.Env(), "a channel for each instance, once");
    }
    channels.process->Watch(info[1].As<Napi::Number>().Int32Value());
    // Handed over: they would stay open as long as JavaScript has not collected the channels.
    const auto connections = std::exchange(channels.connections, {});
    for (std::size_t i = 0; i < links->size(); ++i) (*links)[i]->Attach(connections[i]);
  };
  const auto detach = [links](const Napi::CallbackInfo&) {
    for (const auto& link : *links) link->Detach();
  };
  const auto fail = [links](const Napi::CallbackInfo& info) {
    const Failure failure{static_cast<Code>(info[0].As<Napi::Number>().Int32Value()), info[1].As<Napi::String>()};
    for (const auto& link : *links) link->Fail(failure);
  };
  model.Set("attach", Napi::Function::New(env, attach, "attach"));
  model.Set("detach", Napi::Function::New(env, detach, "detach"));
  model.Set("fail", Napi::Function::New(env, fail, "fail"));
}

struct OpenOptions {
  std::string model;
  std::size_t instances = 0;
  std::vector<TensorSpec> inputs;
  std::vector<BatchInput> batch_inputs;
  std::vector<TensorSpec> outputs;
  std::chrono::milliseconds timeout{};
  OpenSettings settings;
};

OpenOptions ReadOptions(const Napi::Object& object) {
  OpenOptions options;
  options.model = ReadString(object, "model");
  options.instances = static_cast<std::size_t>(ReadNumber(object, "instances"));
  for (const Napi::Object& input : ReadObjects(object, "inputs")) options.inputs.push_back(ReadTensorSpec(input));
  options.batch_inputs = ReadBatchInputs(object);
  for (const Napi::Object& output : ReadObjects(object, "outputs")) options.outputs.push_back(ReadTensorSpec(output));
  options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(ReadNumber(object, "timeoutMillis")));
  options.settings = ReadOpenSettings(object);
  return options;
}

OpenedModel OpenInstances(const OpenOptions& options) {
  auto links = std::make_shared<Links>();
  OpenedModel opened;
  opened.inputs = options.inputs;
  opened.batch_inputs = options.batch_inputs;
  opened.output_count = options.outputs.size();
  for (std::size_t i = 0; i < options.instances; ++i) {
    links->push_back(std::make_shared<HostLink>());
    opened.sessions.push_back(
        std::make_unique<HostedSession>(links->back(), options.model, options.outputs, options.timeout));
  }
  opened.describe = [links](Napi::Env env, Napi::Object model) { AddControls(env, model, links); };
  return opened;
}

Napi::Value Open(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<const OpenOptions>(ReadOptions(info[0].As<Napi::Object>()));
  return OpenModel(info.Env(), options->settings, [options] { return OpenInstances(*options); });
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  ExportEventLoop(env, exports);
  exports.Set("makeChannels", Napi::Function::New<MakeChannels>(env, "makeChannels"));
  exports.Set("closeHostEnds", Napi::Function::New<CloseHostEnds>(env, "closeHostEnds"));
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  return exports;
}

NODE_API_MODULE(tandem_host, Init)

}  // namespace
}  // namespace tandem::binding
