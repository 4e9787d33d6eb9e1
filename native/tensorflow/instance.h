#pragma once

#include <memory>
#include <string>

#include "core/session.h"
#include "tensorflow/loaded_session.h"

namespace tandem::tensorflow {

// An instance over `loaded`; every run of it has the RunOptions message `run_options`.
std::unique_ptr<Session> MakeInstance(std::shared_ptr<const LoadedSession> loaded, const std::string& run_options);

}  // namespace tandem::tensorflow
