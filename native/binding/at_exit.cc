#include "binding/at_exit.h"

#include <cstdlib>
#include <mutex>
#include <vector>

namespace tandem::binding {
namespace {

// Leaked on purpose: it must outlive every static destructor.
struct OpenPools {
  std::mutex mutex;
  std::vector<std::weak_ptr<InstancePool>> pools;
};

OpenPools& Open() {
  static OpenPools& open = *new OpenPools;
  return open;
}

void CloseAll() {
  std::vector<std::weak_ptr<InstancePool>> pools;
  {
    const std::lock_guard lock(Open().mutex);
    pools.swap(Open().pools);
  }
  for (const auto& candidate : pools) {
    if (const auto pool = candidate.lock()) pool->Close();
  }
}

}  // namespace

void CloseAtExit(const std::shared_ptr<InstancePool>& pool) {
  static const bool registered = [] { return std::atexit(CloseAll) == 0; }();
  static_cast<void>(registered);
  const std::lock_guard lock(Open().mutex);
  std::erase_if(Open().pools, [](const auto& candidate) { return candidate.expired(); });
  Open().pools.push_back(pool);
}

}  // namespace tandem::binding
