#include "core/worker_thread.h"

#include <stdexcept>

#include "check.h"

namespace tandem {
namespace {

TEST("work is done on one thread, which is another, and has been done when Do returns") {
  WorkerThread worker;
  std::thread::id first;
  std::thread::id second;
  worker.Do([&] { first = std::this_thread::get_id(); });
  worker.Do([&] { second = std::this_thread::get_id(); });
  CHECK(first == second);
  CHECK(first != std::this_thread::get_id());
}

TEST("what work throws comes to who gave it, and the thread goes on") {
  WorkerThread worker;
  const Failure failure = test::FailureOf([&] { worker.Do([] { throw Error(Code::kNotFound, "not here"); }); });
  CHECK(failure.code == Code::kNotFound);
  bool done = false;
  worker.Do([&] { done = true; });
  CHECK(done);
}

}  // namespace
}  // namespace tandem
