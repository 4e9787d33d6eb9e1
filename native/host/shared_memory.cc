#include "host/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"

namespace tandem::host {
namespace {

[[noreturn]] void Exhausted(const std::string& doing) {
  throw Error(Code::kResourceExhausted, doing + ": " + std::strerror(errno));
}

}  // namespace

SharedMemory::SharedMemory() : descriptor_(memfd_create("tandem", MFD_CLOEXEC)) {
  if (descriptor_ < 0) Exhausted("cannot make shared memory");
}

SharedMemory::SharedMemory(int descriptor) : descriptor_(descriptor) {}

SharedMemory::~SharedMemory() {
  for (const Piece& piece : pieces_) munmap(piece.memory, piece.size);
  close(descriptor_);
}

void SharedMemory::Grow(std::size_t bytes) {
  // Taken now: running out of it later would be a signal in the middle of a copy.
  if (const int failed = posix_fallocate(descriptor_, static_cast<off_t>(size_), static_cast<off_t>(bytes))) {
    errno = failed;
    Exhausted("cannot take " + std::to_string(bytes) + " bytes of shared memory");
  }
  Map(bytes);
}

void SharedMemory::MapUpTo(std::size_t size) {
  if (size <= size_) return;
  struct stat status{};
  if (fstat(descriptor_, &status) != 0 || static_cast<std::size_t>(status.st_size) < size) {
    throw Error(Code::kInternal, "shared memory of " + std::to_string(size) + " bytes is not there");
  }
  Map(size - size_);
}

void SharedMemory::Map(std::size_t bytes) {
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor_, static_cast<off_t>(size_));
  if (memory == MAP_FAILED) Exhausted("cannot map " + std::to_string(bytes) + " bytes of shared memory");
  pieces_.push_back({size_, bytes, static_cast<std::byte*>(memory)});
  size_ += bytes;
}

std::byte* SharedMemory::At(std::size_t offset, std::size_t byte_size) const {
  for (const Piece& piece : pieces_) {
    if (offset < piece.offset || offset - piece.offset > piece.size) continue;
    if (byte_size <= piece.size - (offset - piece.offset)) return piece.memory + (offset - piece.offset);
  }
  throw Error(Code::kInternal,
              "no shared memory of " + std::to_string(byte_size) + " bytes at " + std::to_string(offset));
}

}  // namespace tandem::host
