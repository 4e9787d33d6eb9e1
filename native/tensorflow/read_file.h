#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"

namespace tandem::tensorflow {

// A whole file. Throws kNotFound, kInternal.
inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Error(Code::kNotFound, "cannot open '" + path.string() + "'");
  std::string bytes(static_cast<std::size_t>(file.tellg()), '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw Error(Code::kInternal, "cannot read '" + path.string() + "'");
  }
  return bytes;
}

}  // namespace tandem::tensorflow
