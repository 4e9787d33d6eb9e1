#include "torch/aoti_package.h"

#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <type_traits>
#include <utility>

#include "core/error.h"
#include "torch/failure.h"

namespace tandem::aotinductor {
namespace {

using torch::inductor::AOTIModelPackageLoader;

constexpr const char* kModelName = "model";

// A template, so that a libtorch whose loader takes less is no error where this is compiled.
template <typename Loader>
std::unique_ptr<Loader> Load(const std::string& path, std::size_t runners, const c10::Device& device) {
  if constexpr (std::is_constructible_v<Loader, std::string, std::string, bool, std::size_t, c10::DeviceIndex>) {
    return std::make_unique<Loader>(path, kModelName, /*run_single_threaded=*/false, runners,
                                    device.has_index() ? device.index() : c10::DeviceIndex(-1));
  } else {
    throw Error(Code::kUnimplemented, "AOTInductor packages need libtorch 2.8 or later");
  }
}

template <typename Loader>
std::vector<at::Tensor> RunBoxed(Loader& loader, std::vector<at::Tensor> inputs) {
  if constexpr (requires { loader.boxed_run(std::move(inputs)); }) {
    return loader.boxed_run(std::move(inputs));
  } else {
    return loader.run(inputs);
  }
}

}  // namespace

Package::Package(const std::filesystem::path& file, const std::string& device, std::size_t runners) : device_(device) {
  torchscript::Translated(Code::kInvalidArgument, "", [&] {
#ifdef TANDEM_AOTI_FROM_FOLDER
    files_.emplace(file);
    loader_ = Load<AOTIModelPackageLoader>(files_->path().string(), runners, c10::Device(device));
    // The library stays mapped. CUDA kernels are read from files of their own when they are first used.
    if (c10::Device(device).is_cpu()) files_.reset();
#else
    loader_ = Load<AOTIModelPackageLoader>(file.string(), runners, c10::Device(device));
#endif
    const auto specs = loader_->get_call_spec();
    if (specs.size() != 2) throw Error(Code::kInvalidArgument, "the package does not tell how it is called");
    arguments_ = specs[0];
    results_ = specs[1];
  });
}

Package::~Package() = default;

std::vector<at::Tensor> Package::Run(std::vector<at::Tensor> inputs) { return RunBoxed(*loader_, std::move(inputs)); }

}  // namespace tandem::aotinductor
