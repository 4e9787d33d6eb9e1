#include "torch/unpacked_package.h"

#include <caffe2/serialize/inline_container.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/error.h"
#include "torch/failure.h"
#include "torch/unloadable_library.h"

namespace tandem::aotinductor {
namespace {

namespace fs = std::filesystem;
using caffe2::serialize::PyTorchStreamReader;

constexpr std::string_view kModels = "data/aotinductor/";
constexpr std::string_view kModel = "data/aotinductor/model/";
constexpr const char* kFolderPrefix = "tandem-aoti-";
constexpr const char* kLockName = "lock";
constexpr std::size_t kChunk = 1 << 20;

PyTorchStreamReader Open(const fs::path& file) {
  if (!fs::exists(file)) throw Error(Code::kNotFound, "cannot open '" + file.string() + "'");
  return PyTorchStreamReader(file.string());
}

std::string TextOf(PyTorchStreamReader& reader, const std::string& record) {
  std::string text(reader.getRecordSize(record), '\0');
  reader.getRecord(record, text.data(), text.size());
  return text;
}

// The model's record with this ending: that of the wrapper around its kernels, where kernels have files of their own.
std::string FindRecord(const std::vector<std::string>& records, const std::string& ending) {
  std::string found;
  for (const std::string& record : records) {
    if (!record.starts_with(kModel) || !record.ends_with(ending) || record.ends_with(".kernel" + ending)) continue;
    if (found.empty() || record.find(".wrapper") != std::string::npos) found = record;
  }
  return found;
}

[[noreturn]] void FailBySystem(const std::string& doing) {
  throw Error(Code::kInternal, doing + ": " + std::strerror(errno));
}

// A file that appears under its name when it is locked already: who looks for abandoned folders never finds it free.
int MakeLock(const fs::path& folder) {
  const fs::path unlocked = folder / "unlocked";
  const int lock = open(unlocked.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0) FailBySystem("cannot make '" + unlocked.string() + "'");
  if (flock(lock, LOCK_EX) != 0 || rename(unlocked.c_str(), (folder / kLockName).c_str()) != 0) {
    close(lock);
    FailBySystem("cannot lock '" + folder.string() + "'");
  }
  return lock;
}

void RemoveAbandoned(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with(kFolderPrefix)) continue;
    const int lock = open((entry.path() / kLockName).c_str(), O_RDWR | O_CLOEXEC);
    if (lock < 0) continue;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), ignored);
    close(lock);
  }
}

void Extract(PyTorchStreamReader& reader, const std::string& record, const fs::path& folder) {
  const fs::path relative = fs::path(record).lexically_normal();
  if (relative.is_absolute() || *relative.begin() == "..") {
    throw Error(Code::kInvalidArgument, "the package has a file outside of itself: '" + record + "'");
  }
  const fs::path target = folder / relative;
  fs::create_directories(target.parent_path());
  std::ofstream out(target, std::ios::binary);
  const std::size_t size = reader.getRecordSize(record);
  std::vector<char> chunk(std::min(size, kChunk));
  if (size > 0) {
    auto chunks = reader.createChunkReaderIter(record, size, chunk.size());
    for (std::size_t read = 0; read < size && out;) {
      const std::size_t count = chunks.next(chunk.data());
      if (count == 0) throw Error(Code::kInvalidArgument, "the package ends inside of '" + record + "'");
      out.write(chunk.data(), static_cast<std::streamsize>(count));
      read += count;
    }
  }
  out.close();
  if (!out) FailBySystem("cannot write '" + target.string() + "'");
  if (target.extension() == ".so") MakeUnloadable(target);
}

}  // namespace

PackageContents ReadPackage(const fs::path& file) {
  return torchscript::Translated(Code::kInvalidArgument, "", [&] {
    PyTorchStreamReader reader = Open(file);
    const auto records = reader.getAllRecords();
    PackageContents contents;
    std::set<std::string> models;
    for (const std::string& record : records) {
      const auto end = record.find('/', kModels.size());
      if (record.starts_with(kModels) && end != std::string::npos) {
        models.insert(record.substr(kModels.size(), end - kModels.size()));
      }
    }
    for (const std::string& model : models) contents.models += (contents.models.empty() ? "" : ", ") + model;
    if (const auto metadata = FindRecord(records, "_metadata.json"); !metadata.empty()) {
      contents.metadata = TextOf(reader, metadata);
    }
    if (const auto source = FindRecord(records, ".cpp"); !source.empty()) contents.source = TextOf(reader, source);
    return contents;
  });
}

UnpackedPackage::UnpackedPackage(const fs::path& file) {
  const fs::path parent = fs::temp_directory_path();
  RemoveAbandoned(parent);
  std::string name = (parent / (std::string(kFolderPrefix) + "XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) FailBySystem("cannot make a folder in '" + parent.string() + "'");
  folder_ = name;
  path_ = folder_ / "package";
  try {
    lock_ = MakeLock(folder_);
    fs::create_directory(path_);
    PyTorchStreamReader reader = Open(file);
    for (const std::string& record : reader.getAllRecords()) Extract(reader, record, path_);
  } catch (...) {
    // A constructor that throws is not followed by the destructor.
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    if (lock_ >= 0) close(lock_);
    throw;
  }
}

UnpackedPackage::~UnpackedPackage() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  close(lock_);
}

}  // namespace tandem::aotinductor
