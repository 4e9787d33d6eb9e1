#include "core/error.h"

#include <new>

namespace tandem {

Failure CurrentFailure(const std::string& doing) {
  try {
    throw;
  } catch (const Error& error) {
    return {error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    return {Code::kResourceExhausted, doing + ": out of memory"};
  } catch (const std::exception& error) {
    return {Code::kInternal, doing + ": " + error.what()};
  } catch (...) {
    return {Code::kInternal, doing + ": unknown error"};
  }
}

}  // namespace tandem
