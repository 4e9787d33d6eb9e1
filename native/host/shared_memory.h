#pragma once

#include <cstddef>
#include <vector>

namespace tandem::host {

// Memory that two processes have in common. It has no name: it is gone with the last process that has it open. It only
// grows, and what is mapped stays where it is. One thread at a time.
class SharedMemory {
 public:
  SharedMemory();                         // a new one, empty. Throws kResourceExhausted.
  explicit SharedMemory(int descriptor);  // another process's; takes the descriptor over
  ~SharedMemory();

  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  int descriptor() const { return descriptor_; }
  std::size_t size() const { return size_; }

  // The owner's: adds `bytes`, a piece of their own. Throws kResourceExhausted.
  void Grow(std::size_t bytes);
  // The other side's: maps what the owner has added since. Throws kInternal if there is less.
  void MapUpTo(std::size_t size);

  // Throws kInternal unless [offset, offset + byte_size) lies in one piece.
  std::byte* At(std::size_t offset, std::size_t byte_size) const;

 private:
  struct Piece {
    std::size_t offset;
    std::size_t size;
    std::byte* memory;
  };
  void Map(std::size_t bytes);

  int descriptor_;
  std::size_t size_ = 0;
  std::vector<Piece> pieces_;
};

}  // namespace tandem::host
