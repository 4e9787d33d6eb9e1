#pragma once

#include <string>

namespace torch::jit {
struct Module;
}

namespace tandem::torchscript {

// The first operation of `forward` by which running the module could leave something behind (print, a random generator
// advanced, an operation of a custom library that does not say) or that could answer differently the next time; "" if
// there is none. Raising an exception and warning are none. `frozen`: so that what it calls is inlined.
std::string FindEffect(const torch::jit::Module& frozen);

}  // namespace tandem::torchscript
