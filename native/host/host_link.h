#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "core/error.h"
#include "host/arena.h"
#include "host/packet.h"

namespace tandem::host {

// A host as a process. All its instances share one.
class HostProcess {
 public:
  HostProcess() = default;
  ~HostProcess();

  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  // Which one it is; a child of this process that has not been waited for. At most once.
  void Watch(int process);
  // Ends it, if it has not ended already: nobody is to use it any more.
  void Kill();
  bool killed() const { return killed_; }

 private:
  std::atomic<int> descriptor_ = -1;  // unlike a number, it never means another process
  std::atomic<int> number_ = -1;      // where there are no such descriptors: Linux before 5.3, some containers
  std::atomic<bool> killed_ = false;
};

// The server's ends of what one instance shares with a running host.
struct HostConnection {
  HostConnection(int descriptor, std::shared_ptr<Arena> memory, std::shared_ptr<HostProcess> host)
      : socket(descriptor), arena(std::move(memory)), process(std::move(host)) {}

  PacketSocket socket;
  const std::shared_ptr<Arena> arena;
  const std::shared_ptr<HostProcess> process;
};

// The way from one instance in the server to its counterpart in a host, over the lives of several hosts.
class HostLink {
 public:
  void Attach(std::shared_ptr<HostConnection> connection);
  // The host has ended: who needs one waits for the next.
  void Detach();
  // There will be no other host. What runs is not disturbed.
  void Fail(Failure failure);

  // Blocks until there is a host, or throws why there will be none.
  std::shared_ptr<HostConnection> Await();
  // As Await, but returns in both cases.
  void AwaitDecision();

 private:
  bool IsDecided() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<HostConnection> connection_;
  Failure failure_;
};

}  // namespace tandem::host
