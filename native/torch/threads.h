#pragma once

namespace tandem::torchscript {

// How many threads operations called on this thread may use, this one among them; 0: libtorch's default, one per core.
// libtorch would give each new thread the number that any thread set last, so every thread that runs a model says its
// own.
void UseThreads(int count);

}  // namespace tandem::torchscript
