#pragma once

#include <stdexcept>
#include <string>

namespace tandem {

// Canonical status codes by gRPC's numbers, the same as src/inference/serving-error.ts and TF_Code.
enum class Code : int {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
};

// The one exception of the native layer. The message is complete: it may be shown to a client as it is.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const noexcept { return code_; }

 private:
  Code code_;
};

// What a caught exception comes to: `Error` keeps its code, std::bad_alloc is kResourceExhausted, the rest kInternal.
struct Failure {
  Code code = Code::kOk;
  std::string message;
};

// Call inside a catch block. `doing` stands before the message of a foreign exception.
Failure CurrentFailure(const std::string& doing);

}  // namespace tandem
