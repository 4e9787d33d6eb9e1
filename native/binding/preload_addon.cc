#include <dlfcn.h>
#include <napi.h>

#include <string>

// Loads shared libraries by path, so that an addon linked to them finds them by their name wherever they lie: a build
// of the torch addon carries no path to the libtorch it was made with.

namespace {

// preload(paths: string[]): in this order. Throws an Error with the loader's message.
Napi::Value Preload(const Napi::CallbackInfo& info) {
  const auto paths = info[0].As<Napi::Array>();
  for (std::uint32_t i = 0; i < paths.Length(); ++i) {
    const std::string path = paths.Get(i).As<Napi::String>();
    if (dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL) == nullptr) throw Napi::Error::New(info.Env(), dlerror());
  }
  return info.Env().Undefined();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("preload", Napi::Function::New<Preload>(env, "preload"));
  return exports;
}

NODE_API_MODULE(tandem_preload, Init)

}  // namespace
