#pragma once

#include <napi.h>

namespace tandem::binding {

// AOTInductor packages as the torch addon offers them: readPackage, loadPackage, tryPackage, openPackage. Their types:
// src/engine/torch-addon.ts.
void ExportPackages(Napi::Env env, Napi::Object exports);

}  // namespace tandem::binding
