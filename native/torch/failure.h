#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <string>
#include <utility>

#include "core/error.h"

namespace tandem::torchscript {

// Calls `work`; what libtorch throws becomes an Error of `code` with libtorch's message (without its C++ stack) behind
// `prefix`. Memory that runs out is kResourceExhausted.
template <typename Work>
auto Translated(Code code, const std::string& prefix, Work work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(Code::kResourceExhausted, prefix + "out of memory");
  } catch (const c10::OutOfMemoryError& error) {
    throw Error(Code::kResourceExhausted, prefix + error.what_without_backtrace());
  } catch (const c10::Error& error) {
    // The CPU allocator has no exception of its own.
    const std::string message = error.what_without_backtrace();
    const bool no_memory = message.find("DefaultCPUAllocator: can't allocate memory") != std::string::npos;
    throw Error(no_memory ? Code::kResourceExhausted : code, prefix + message);
  } catch (const std::exception& error) {
    throw Error(code, prefix + error.what());
  }
}

}  // namespace tandem::torchscript
