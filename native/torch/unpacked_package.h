#pragma once

#include <filesystem>
#include <string>

namespace tandem::aotinductor {

// What a package file says of itself, read without running any of its code.
struct PackageContents {
  std::string metadata;  // a JSON object of strings; empty: the file holds no compiled model named "model"
  std::string source;    // of the model's wrapper in C++; empty: not in the package
  std::string models;    // names of the models that are in it, separated by ", "
};

// Throws kNotFound, kInvalidArgument where the file is no archive.
PackageContents ReadPackage(const std::filesystem::path& file);

// A package's files in a temporary folder of their own, which goes with this object. What processes left behind that
// were killed is removed by the next one that unpacks: each folder in use is locked, and a lock ends with its process.
class UnpackedPackage {
 public:
  explicit UnpackedPackage(const std::filesystem::path& file);
  UnpackedPackage(const UnpackedPackage&) = delete;
  UnpackedPackage& operator=(const UnpackedPackage&) = delete;
  ~UnpackedPackage();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace tandem::aotinductor
