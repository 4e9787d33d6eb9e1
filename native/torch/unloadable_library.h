#pragma once

#include <filesystem>

namespace tandem::aotinductor {

// Edits a shared library so that it leaves memory when it is closed. Inline variables in C++ are marked "unique in the
// process", and the loader keeps a library that has such for ever; as weak symbols they are the library's own. A
// file that is no 64-bit ELF library stays as it is.
void MakeUnloadable(const std::filesystem::path& library);

}  // namespace tandem::aotinductor
