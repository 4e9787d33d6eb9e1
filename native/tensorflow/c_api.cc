#include "tensorflow/c_api.h"

#include <dlfcn.h>

#include <atomic>
#include <mutex>

#include "core/error.h"

namespace tandem::tensorflow {
namespace {

std::atomic<const Api*> bound = nullptr;

template <typename Function>
void Bind(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    throw Error(Code::kFailedPrecondition,
                std::string("this TensorFlow library has no ") + name + "; TensorFlow 2.6 or later is needed");
  }
}

}  // namespace

void LoadLibrary(const std::string& library) {
  static std::mutex& loading = *new std::mutex;
  const std::lock_guard lock(loading);
  if (bound != nullptr) return;
  void* handle = dlopen(library.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr) {
    throw Error(Code::kNotFound, "cannot load the TensorFlow library '" + library + "': " + dlerror());
  }
  auto* api = new Api;  // lives as long as the process, as the library does
#define TANDEM_BIND(result, name, parameters) Bind(handle, #name, api->name);
  TANDEM_TENSORFLOW_FUNCTIONS(TANDEM_BIND)
#undef TANDEM_BIND
  bound = api;
}

const Api& Tf() {
  const Api* api = bound;
  if (api == nullptr) throw Error(Code::kFailedPrecondition, "the TensorFlow library has not been loaded");
  return *api;
}

}  // namespace tandem::tensorflow
