#include "host/host_link.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace tandem::host {

HostProcess::~HostProcess() {
  if (descriptor_ >= 0) close(descriptor_);
}

void HostProcess::Watch(int process) {
  descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (descriptor_ < 0) number_ = process;
}

void HostProcess::Kill() {
  if (killed_.exchange(true)) return;
  if (descriptor_ >= 0) syscall(SYS_pidfd_send_signal, descriptor_.load(), SIGKILL, nullptr, 0);
  if (number_ > 0) kill(number_, SIGKILL);
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
  changed_.wait(lock, [this] { return IsDecided(); });
  if (connection_ == nullptr || connection_->process->killed()) throw Error(failure_.code, failure_.message);
  return connection_;
}

void HostLink::AwaitDecision() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return IsDecided(); });
}

bool HostLink::IsDecided() const {
  return (connection_ != nullptr && !connection_->process->killed()) || failure_.code != Code::kOk;
}

}  // namespace tandem::host
