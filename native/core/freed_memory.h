#pragma once

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace tandem {

// Hands back to the system what has been freed. A model's memory comes from the arenas of many threads, where freed
// pieces would else stay. Takes milliseconds: for when a model or a session has gone, never for a request.
inline void ReturnFreedMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace tandem
