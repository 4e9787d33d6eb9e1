#include "torch/threads.h"

#include <ATen/Parallel.h>

namespace tandem::torchscript {

void UseThreads(int count) {
  static const int by_default = at::get_num_threads();  // nothing has set another number before
  at::get_num_threads();                                // lets libtorch do its own, lazy, setting of this thread now
  at::set_num_threads(count == 0 ? by_default : count);
}

}  // namespace tandem::torchscript
