#pragma once

#include <latch>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "core/session.h"
#include "host/packet.h"

namespace tandem::host {

// A host's descriptors for one instance.
struct Channel {
  int socket = -1;
  int memory = -1;
};

// The host's side: runs the batches that come through sockets, a thread for each instance.
class SessionServer {
 public:
  // As many channels as sessions; takes their descriptors over. Returns when every session has entered its thread.
  SessionServer(std::vector<std::unique_ptr<Session>> sessions, std::span<const Channel> channels,
                std::size_t output_count);
  ~SessionServer();  // waits for what runs

  SessionServer(const SessionServer&) = delete;
  SessionServer& operator=(const SessionServer&) = delete;

 private:
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<PacketSocket>> sockets_;
  std::latch entering_;
  std::vector<std::thread> threads_;
};

}  // namespace tandem::host
