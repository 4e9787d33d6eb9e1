#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "torch/signature.h"

namespace torch::jit {
struct Module;
}

namespace tandem::torchscript {

// What is made of a file's module to run it.
enum class Way {
  kPlain,      // nothing
  kFrozen,     // weights are constants; results stay equal bit for bit
  kOptimized,  // frozen, and rewritten for inference: equal within rounding
};

// Which instances run one module.
enum class Sharing { kWhereSafe, kAlways, kNever };

// A TorchScript file on its device, ready to make instances from. Not thread-safe.
class LoadedModule {
 public:
  // `device`: "cpu", "cuda:0", or "" to leave tensors where the file puts them. Throws kNotFound, kInvalidArgument,
  // with libtorch's message.
  LoadedModule(const std::filesystem::path& file, const std::string& device);
  ~LoadedModule();

  const ForwardSignature& signature() const { return signature_; }
  const std::string& device() const { return device_; }
  // Whether some tensor argument of `forward` may be written to in place, so that callers' memory must not be lent.
  bool writes_inputs() const { return writes_inputs_; }
  // Whether it can run in other ways than kPlain. Modules in training mode cannot, nor can a few others.
  bool freezable() const { return frozen_ != nullptr; }
  // Why it is not run with made-up inputs: a run may leave something behind. "" if it may be.
  const std::string& effect() const { return effect_; }

  // The one module of this way that is shared: by instances, and by who tries it before them. Throws kUnimplemented if
  // there is none.
  torch::jit::Module Shared(Way way);
  // Bytes of the weights that its instances hold together if they run the shared module of this way.
  std::size_t WeightBytes(Way way);
  // What the next instance runs: the shared module, where `sharing` says so or nothing can change in it, else one of
  // its own. To be asked for all instances before the first of them runs.
  torch::jit::Module ForInstance(Way way, Sharing sharing);
  // Instances that share a module with state take turns; null where they need not.
  std::shared_ptr<std::mutex> Turns(Sharing sharing) const;

  // Forgets all weights that no instance has. No more instances can be made, and no sessions but instances may be left.
  void Release();

 private:
  bool IsShared(Sharing sharing) const {
    return sharing == Sharing::kAlways || (sharing == Sharing::kWhereSafe && stateless_);
  }

  std::string device_;
  std::unique_ptr<torch::jit::Module> module_;
  ForwardSignature signature_;
  std::unique_ptr<torch::jit::Module> frozen_;
  std::unique_ptr<torch::jit::Module> optimized_;
  bool writes_inputs_ = false;
  bool stateless_ = false;
  std::string effect_;
  std::set<Way> used_;  // by instances
  bool taken_ = false;  // an instance that shares with none has the shared module
  const std::shared_ptr<std::mutex> turns_ = std::make_shared<std::mutex>();
};

}  // namespace tandem::torchscript
