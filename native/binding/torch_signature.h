#pragma once

#include <napi.h>

#include "torch/description.h"

namespace tandem::binding {

// `TorchSignature` of src/config/torch-signature.ts.
Napi::Object ToObject(Napi::Env env, const torchscript::ForwardSignature& signature);

// `TorchDescription` of src/config/torch-skeleton.ts.
Napi::Object ToObject(Napi::Env env, const torchscript::ModuleDescription& description);

}  // namespace tandem::binding
