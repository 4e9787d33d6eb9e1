#include "torch/runtime.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

namespace tandem::torchscript {

int CudaDeviceCount() { return at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0; }

}  // namespace tandem::torchscript
