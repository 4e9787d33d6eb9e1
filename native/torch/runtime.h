#pragma once

namespace tandem::torchscript {

// 0 where libtorch has no CUDA, its CUDA libraries are not loaded, or no device is there.
int CudaDeviceCount();

}  // namespace tandem::torchscript
