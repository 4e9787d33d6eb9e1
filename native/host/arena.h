#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "host/shared_memory.h"

namespace tandem::host {

// How much shared memory an arena takes at once.
struct ArenaSizes {
  std::size_t first = std::size_t{1} << 20;
  std::size_t growth = std::size_t{1} << 20;
};

// A part of an arena, free again when it is destroyed. Keeps the arena.
class ArenaBlock;

// The server's side of the memory that it shares with one instance of a host: who uses what of it.
class Arena : public std::enable_shared_from_this<Arena> {
 public:
  explicit Arena(ArenaSizes sizes = {});

  int descriptor() const { return memory_.descriptor(); }
  // What the other side has to map to see every block.
  std::size_t size() const;

  // At least `byte_size` bytes at a multiple of kAlignment. Throws kResourceExhausted.
  std::shared_ptr<ArenaBlock> Allocate(std::size_t byte_size);

 private:
  friend class ArenaBlock;
  std::size_t TakeLocked(std::size_t byte_size);  // the offset
  void Give(std::size_t offset, std::size_t byte_size);

  const ArenaSizes sizes_;
  mutable std::mutex mutex_;
  SharedMemory memory_;
  std::map<std::size_t, std::size_t> free_;  // by offset
  std::set<std::size_t> pieces_;             // where each piece of the memory begins: blocks do not cross
};

class ArenaBlock {
 public:
  ArenaBlock(std::shared_ptr<Arena> arena, std::size_t offset, std::size_t byte_size, std::byte* memory)
      : arena_(std::move(arena)), offset_(offset), byte_size_(byte_size), memory_(memory) {}
  ~ArenaBlock() { arena_->Give(offset_, byte_size_); }

  ArenaBlock(const ArenaBlock&) = delete;
  ArenaBlock& operator=(const ArenaBlock&) = delete;

  std::size_t offset() const { return offset_; }
  std::size_t byte_size() const { return byte_size_; }
  std::byte* memory() const { return memory_; }

  // Gives back what is behind the first `byte_size` bytes.
  void Shrink(std::size_t byte_size);

 private:
  const std::shared_ptr<Arena> arena_;
  const std::size_t offset_;
  std::size_t byte_size_;
  std::byte* const memory_;
};

// To the next multiple of kAlignment.
std::size_t Aligned(std::size_t byte_size);

}  // namespace tandem::host
