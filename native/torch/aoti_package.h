#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "torch/unpacked_package.h"

namespace at {
class Tensor;
}
namespace torch::inductor {
class AOTIModelPackageLoader;
}

namespace tandem::aotinductor {

// A package's code in memory, with its weights on its device once. Thread-safe: as many runs as it has runners go on at
// the same time, further ones wait.
class Package {
 public:
  // `device`: "cpu" or "cuda:0". Throws kNotFound, kInvalidArgument with libtorch's message, kUnimplemented for a
  // libtorch without such packages.
  Package(const std::filesystem::path& file, const std::string& device, std::size_t runners);
  ~Package();

  // How arguments and results are nested, as PyTorch's pytrees in JSON.
  const std::string& arguments() const { return arguments_; }
  const std::string& results() const { return results_; }
  const std::string& device() const { return device_; }

  // Inputs and outputs are the leaves of those trees. The inputs are given up to the run.
  std::vector<at::Tensor> Run(std::vector<at::Tensor> inputs);

 private:
  const std::string device_;
  // Kept where kernels are read from it while the model runs.
  std::optional<UnpackedPackage> files_;
  std::unique_ptr<torch::inductor::AOTIModelPackageLoader> loader_;
  std::string arguments_;
  std::string results_;
};

}  // namespace tandem::aotinductor
