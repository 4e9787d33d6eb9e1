#include "host/arena.h"

#include <algorithm>
#include <iterator>

#include "core/tensor.h"

namespace tandem::host {
namespace {

constexpr std::size_t kPage = 4096;

}  // namespace

std::size_t Aligned(std::size_t byte_size) { return (byte_size + kAlignment - 1) / kAlignment * kAlignment; }

Arena::Arena(ArenaSizes sizes) : sizes_(sizes) {}

std::size_t Arena::size() const {
  const std::lock_guard lock(mutex_);
  return memory_.size();
}

std::shared_ptr<ArenaBlock> Arena::Allocate(std::size_t byte_size) {
  const std::size_t wanted = std::max(Aligned(byte_size), kAlignment);
  const std::lock_guard lock(mutex_);
  const std::size_t offset = TakeLocked(wanted);
  return std::make_shared<ArenaBlock>(shared_from_this(), offset, wanted, memory_.At(offset, wanted));
}

std::size_t Arena::TakeLocked(std::size_t byte_size) {
  auto fitting = std::find_if(free_.begin(), free_.end(),
                              [byte_size](const auto& candidate) { return candidate.second >= byte_size; });
  if (fitting == free_.end()) {
    const std::size_t begin = memory_.size();
    const std::size_t least = begin == 0 ? sizes_.first : sizes_.growth;
    const std::size_t piece = (std::max(byte_size, least) + kPage - 1) / kPage * kPage;
    memory_.Grow(piece);
    pieces_.insert(begin);
    fitting = free_.emplace(begin, piece).first;
  }
  const auto [offset, size] = *fitting;
  free_.erase(fitting);
  if (size > byte_size) free_.emplace(offset + byte_size, size - byte_size);
  return offset;
}

void Arena::Give(std::size_t offset, std::size_t byte_size) {
  if (byte_size == 0) return;
  const std::lock_guard lock(mutex_);
  const auto next = free_.lower_bound(offset);
  if (next != free_.end() && next->first == offset + byte_size && !pieces_.contains(next->first)) {
    byte_size += next->second;
    free_.erase(next);
  }
  const auto after = free_.lower_bound(offset);
  if (after != free_.begin() && !pieces_.contains(offset)) {
    const auto before = std::prev(after);
    if (before->first + before->second == offset) {
      before->second += byte_size;
      return;
    }
  }
  free_.emplace(offset, byte_size);
}

void ArenaBlock::Shrink(std::size_t byte_size) {
  const std::size_t kept = std::max(Aligned(byte_size), kAlignment);
  if (kept >= byte_size_) return;
  arena_->Give(offset_ + kept, byte_size_ - kept);
  byte_size_ = kept;
}

}  // namespace tandem::host
