#include "host/host_link.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace tandem::host {

HostConnection::HostConnection(int socket, std::shared_ptr<Arena> arena) : socket_(socket), arena_(std::move(arena)) {}

HostConnection::~HostConnection() {
  if (process_ >= 0) close(process_);
}

void HostConnection::Watch(int process) { process_ = static_cast<int>(syscall(SYS_pidfd_open, process, 0)); }

void HostConnection::Kill() const {
  if (process_ >= 0) syscall(SYS_pidfd_send_signal, process_, SIGKILL, nullptr, 0);
}

void HostLink::Attach(std::shared_ptr<HostConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
  }
  changed_.notify_all();
}

void HostLink::Detach() {
  const std::lock_guard lock(mutex_);
  connection_ = nullptr;
}

void HostLink::Fail(Failure failure) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_.code != Code::kOk) return;
    failure_ = std::move(failure);
  }
  changed_.notify_all();
}

std::shared_ptr<HostConnection> HostLink::Await() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return connection_ != nullptr || failure_.code != Code::kOk; });
  if (connection_ == nullptr) throw Error(failure_.code, failure_.message);
  return connection_;
}

void HostLink::AwaitDecision() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return connection_ != nullptr || failure_.code != Code::kOk; });
}

void HostLink::Abandon(const std::shared_ptr<HostConnection>& connection) {
  {
    const std::lock_guard lock(mutex_);
    if (connection_ == connection) connection_ = nullptr;
  }
  connection->Kill();
}

}  // namespace tandem::host
