#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace tandem::binding {

// What src/engine hands over, read once at load. Each throws a JavaScript TypeError that names the member.
std::string ReadString(const Napi::Object& options, const char* name);
bool ReadBoolean(const Napi::Object& options, const char* name);
double ReadNumber(const Napi::Object& options, const char* name);
std::string ReadBytes(const Napi::Object& options, const char* name);  // a Uint8Array
std::vector<std::string> ReadStrings(const Napi::Object& options, const char* name);
std::vector<std::int64_t> ReadNumbers(const Napi::Object& options, const char* name);
std::vector<Napi::Object> ReadObjects(const Napi::Object& options, const char* name);

// `{ name, datatype: number, shape: number[] | undefined }`
TensorSpec ReadTensorSpec(const Napi::Object& tensor);

}  // namespace tandem::binding
