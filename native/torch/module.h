#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "torch/signature.h"

namespace torch::jit {
struct Module;
}

namespace tandem::torchscript {

// A TorchScript file on its device, ready to make instances from.
class LoadedModule {
 public:
  // `device`: "cpu", "cuda:0", or "" to leave tensors where the file puts them. A module saved in eval mode is frozen:
  // its weights become constants, with bit-equal results. Throws kNotFound, kInvalidArgument, with libtorch's message.
  LoadedModule(const std::filesystem::path& file, const std::string& device);
  ~LoadedModule();

  const ForwardSignature& signature() const { return signature_; }
  const std::string& device() const { return device_; }
  // Whether some tensor argument of `forward` may be written to in place, so that callers' memory must not be lent.
  bool writes_inputs() const { return writes_inputs_; }

  // The module itself where nothing in it can change, else a copy of its own for each instance.
  torch::jit::Module ForInstance() const;

 private:
  std::string device_;
  std::unique_ptr<torch::jit::Module> module_;
  ForwardSignature signature_;
  bool writes_inputs_ = false;
  bool shareable_ = false;
};

}  // namespace tandem::torchscript
