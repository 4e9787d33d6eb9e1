#pragma once

#include <memory>

#include "core/instance_pool.h"

namespace tandem::binding {

// process.exit() skips the environments' clean-up hooks and goes on to the static destructors of the engines'
// libraries. Pools given here are closed before those run, so that no instance thread is inside an engine then.
// Call it when the engine's library has been loaded.
void CloseAtExit(const std::shared_ptr<InstancePool>& pool);

}  // namespace tandem::binding
