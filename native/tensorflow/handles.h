#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "tensorflow/c_api.h"

namespace tandem::tensorflow {

// Every TF_* object has one owner, so no early exit leaks or frees twice.
template <typename T, auto Member>
struct Deleter {
  void operator()(T* object) const noexcept { (Tf().*Member)(object); }
};
template <typename T, auto Member>
using Handle = std::unique_ptr<T, Deleter<T, Member>>;

using StatusHandle = Handle<TF_Status, &Api::TF_DeleteStatus>;
using BufferHandle = Handle<TF_Buffer, &Api::TF_DeleteBuffer>;
using GraphHandle = Handle<TF_Graph, &Api::TF_DeleteGraph>;
using SessionOptionsHandle = Handle<TF_SessionOptions, &Api::TF_DeleteSessionOptions>;
using ImportOptionsHandle = Handle<TF_ImportGraphDefOptions, &Api::TF_DeleteImportGraphDefOptions>;
using TensorHandle = Handle<TF_Tensor, &Api::TF_DeleteTensor>;

struct SessionDeleter {
  void operator()(TF_Session* session) const noexcept {
    const StatusHandle status(Tf().TF_NewStatus());
    Tf().TF_CloseSession(session, status.get());
    Tf().TF_DeleteSession(session, status.get());
  }
};
using SessionHandle = std::unique_ptr<TF_Session, SessionDeleter>;

// TF_Code has the numbers of gRPC's codes, and so have ours: one cast maps them. `doing` may be empty.
inline void Check(const TF_Status* status, std::string_view doing) {
  const int code = Tf().TF_GetCode(status);
  if (code == 0) return;
  std::string message(doing);
  if (!message.empty()) message += ": ";
  throw Error(static_cast<Code>(code), message + Tf().TF_Message(status));
}

}  // namespace tandem::tensorflow
