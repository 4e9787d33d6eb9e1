#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/batch_input.h"
#include "core/tensor.h"

namespace tandem::binding {

// What src/engine hands over, read once at load. Each throws a JavaScript TypeError that names the member.
std::string ReadString(const Napi::Object& options, const char* name);
bool ReadBoolean(const Napi::Object& options, const char* name);
double ReadNumber(const Napi::Object& options, const char* name);
std::string ReadBytes(const Napi::Object& options, const char* name);  // a Uint8Array
std::vector<std::string> ReadStrings(const Napi::Object& options, const char* name);
std::vector<std::int64_t> ReadNumbers(const Napi::Object& options, const char* name);
std::vector<Shape> ReadShapes(const Napi::Object& options, const char* name);  // number[][]
std::vector<Napi::Object> ReadObjects(const Napi::Object& options, const char* name);

// `{ name, datatype: number, shape: number[] | undefined, ragged: boolean }`
TensorSpec ReadTensorSpec(const Napi::Object& tensor);

// `batchInputs: { name, datatype: number, kind: number, source: number }[]`
std::vector<BatchInput> ReadBatchInputs(const Napi::Object& options);

}  // namespace tandem::binding
