#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "check.h"

namespace tandem::test {

// The value of a variable that scripts/native-tests.mjs sets.
inline std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw Failed(std::string("set ") + name + "; scripts/native-tests.mjs does");
  return value;
}

// `file` of version 1 of a fixture model.
inline std::filesystem::path Fixture(const char* root_variable, const std::string& model, const std::string& file) {
  return std::filesystem::path(Environment(root_variable)) / model / "1" / file;
}

}  // namespace tandem::test
