#include "torch/execution_guards.h"

#include <ATen/Context.h>
#include <torch/version.h>
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 9
#include <c10/core/CachingDeviceAllocator.h>
#endif

#include <mutex>

namespace tandem::torchscript {
namespace {

std::mutex& cudnn_mutex = *new std::mutex;
int cudnn_refusers = 0;
bool cudnn_before = true;

}  // namespace

WithoutCudnn::WithoutCudnn() {
  const std::lock_guard lock(cudnn_mutex);
  if (cudnn_refusers++ > 0) return;
  cudnn_before = at::globalContext().userEnabledCuDNN();
  at::globalContext().setUserEnabledCuDNN(false);
}

WithoutCudnn::~WithoutCudnn() {
  const std::lock_guard lock(cudnn_mutex);
  if (--cudnn_refusers == 0) at::globalContext().setUserEnabledCuDNN(cudnn_before);
}

void CleanCache([[maybe_unused]] const c10::Device& device) {
  // Older versions have no way to say this but CUDA's own library, which a CPU build lacks.
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 9
  if (device.is_cpu()) return;
  if (auto* allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()))) allocator->emptyCache();
#endif
}

}  // namespace tandem::torchscript
