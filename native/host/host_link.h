#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/error.h"
#include "host/arena.h"
#include "host/packet.h"

namespace tandem::host {

// The server's ends of what one instance shares with a running host.
class HostConnection {
 public:
  HostConnection(int socket, std::shared_ptr<Arena> arena);
  ~HostConnection();

  HostConnection(const HostConnection&) = delete;
  HostConnection& operator=(const HostConnection&) = delete;

  PacketSocket& socket() { return socket_; }
  const std::shared_ptr<Arena>& arena() const { return arena_; }

  // Which process is on the other side; a child of this one that has not been waited for.
  void Watch(int process);
  // Ends that process, if it has not ended already.
  void Kill() const;

 private:
  PacketSocket socket_;
  const std::shared_ptr<Arena> arena_;
  int process_ = -1;  // a descriptor: unlike a number, it never means another process
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
  // The host of this connection is of no use any more: it is ended, if it has not ended already.
  void Abandon(const std::shared_ptr<HostConnection>& connection);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<HostConnection> connection_;
  Failure failure_;
};

}  // namespace tandem::host
