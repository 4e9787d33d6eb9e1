#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "torch/signature.h"

namespace tandem::torchscript {

struct DescribedTensor {
  std::string name;
  DataType type = DataType::kInvalid;
  Shape shape;
};

// What a TorchScript file says about itself; nothing is run.
struct ModuleDescription {
  ForwardSignature signature;
  std::vector<std::optional<DescribedTensor>> traced_inputs;  // by argument: what the module was traced with
  std::vector<DescribedTensor> parameters;
  bool training = false;
};

// Reads the file onto the CPU. Throws kNotFound, kInvalidArgument, with libtorch's message.
ModuleDescription Describe(const std::filesystem::path& file);

}  // namespace tandem::torchscript
