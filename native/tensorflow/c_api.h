#pragma once

// The part of TensorFlow's stable C API that Tandem uses, declared here and bound at run time, so that one binary
// serves every TensorFlow 2.x and building needs no TensorFlow.

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" {
struct TF_Buffer {
  const void* data;
  std::size_t length;
  void (*data_deallocator)(void* data, std::size_t length);
};
struct TF_Graph;
struct TF_ImportGraphDefOptions;
struct TF_Library;
struct TF_Operation;
struct TF_OperationDescription;
struct TF_Session;
struct TF_SessionOptions;
struct TF_Status;
struct TF_Tensor;
struct TF_Output {
  TF_Operation* oper;
  int index;
};
// An element of a TF_STRING tensor: opaque here, 24 bytes with the alignment of a pointer.
struct TF_TString {
  void* words[3];
};
}

namespace tandem::tensorflow {

// The functions, by X(return type, name, parameters).
#define TANDEM_TENSORFLOW_FUNCTIONS(X)                                                                            \
  X(const char*, TF_Version, ())                                                                                  \
  X(TF_Library*, TF_LoadLibrary, (const char*, TF_Status*))                                                       \
  X(TF_Buffer*, TF_GetAllOpList, ())                                                                              \
  X(TF_Status*, TF_NewStatus, ())                                                                                 \
  X(void, TF_DeleteStatus, (TF_Status*))                                                                          \
  X(int, TF_GetCode, (const TF_Status*))                                                                          \
  X(const char*, TF_Message, (const TF_Status*))                                                                  \
  X(TF_Buffer*, TF_NewBufferFromString, (const void*, std::size_t))                                               \
  X(TF_Buffer*, TF_NewBuffer, ())                                                                                 \
  X(void, TF_DeleteBuffer, (TF_Buffer*))                                                                          \
  X(TF_Graph*, TF_NewGraph, ())                                                                                   \
  X(void, TF_DeleteGraph, (TF_Graph*))                                                                            \
  X(TF_SessionOptions*, TF_NewSessionOptions, ())                                                                 \
  X(void, TF_DeleteSessionOptions, (TF_SessionOptions*))                                                          \
  X(void, TF_SetConfig, (TF_SessionOptions*, const void*, std::size_t, TF_Status*))                               \
  X(TF_Session*, TF_NewSession, (TF_Graph*, const TF_SessionOptions*, TF_Status*))                                \
  X(TF_Session*, TF_LoadSessionFromSavedModel,                                                                    \
    (const TF_SessionOptions*, const TF_Buffer*, const char*, const char* const*, int, TF_Graph*, TF_Buffer*,     \
     TF_Status*))                                                                                                 \
  X(void, TF_CloseSession, (TF_Session*, TF_Status*))                                                             \
  X(void, TF_DeleteSession, (TF_Session*, TF_Status*))                                                            \
  X(TF_ImportGraphDefOptions*, TF_NewImportGraphDefOptions, ())                                                   \
  X(void, TF_DeleteImportGraphDefOptions, (TF_ImportGraphDefOptions*))                                            \
  X(void, TF_GraphImportGraphDef, (TF_Graph*, const TF_Buffer*, const TF_ImportGraphDefOptions*, TF_Status*))     \
  X(void, TF_ImportGraphDefOptionsSetDefaultDevice, (TF_ImportGraphDefOptions*, const char*))                     \
  X(void, TF_GraphToGraphDef, (TF_Graph*, TF_Buffer*, TF_Status*))                                                \
  X(TF_OperationDescription*, TF_NewOperation, (TF_Graph*, const char*, const char*))                             \
  X(void, TF_AddInput, (TF_OperationDescription*, TF_Output))                                                     \
  X(void, TF_SetAttrType, (TF_OperationDescription*, const char*, int))                                           \
  X(TF_Operation*, TF_FinishOperation, (TF_OperationDescription*, TF_Status*))                                    \
  X(TF_Operation*, TF_GraphOperationByName, (TF_Graph*, const char*))                                             \
  X(int, TF_OperationNumOutputs, (TF_Operation*))                                                                 \
  X(int, TF_OperationOutputType, (TF_Output))                                                                     \
  X(void, TF_SessionRun,                                                                                          \
    (TF_Session*, const TF_Buffer*, const TF_Output*, TF_Tensor* const*, int, const TF_Output*, TF_Tensor**, int, \
     const TF_Operation* const*, int, TF_Buffer*, TF_Status*))                                                    \
  X(TF_Tensor*, TF_NewTensor,                                                                                     \
    (int, const std::int64_t*, int, void*, std::size_t, void (*)(void*, std::size_t, void*), void*))              \
  X(TF_Tensor*, TF_AllocateTensor, (int, const std::int64_t*, int, std::size_t))                                  \
  X(TF_Tensor*, TF_TensorMaybeMove, (TF_Tensor*))                                                                 \
  X(void, TF_DeleteTensor, (TF_Tensor*))                                                                          \
  X(int, TF_TensorType, (const TF_Tensor*))                                                                       \
  X(int, TF_NumDims, (const TF_Tensor*))                                                                          \
  X(std::int64_t, TF_Dim, (const TF_Tensor*, int))                                                                \
  X(std::size_t, TF_TensorByteSize, (const TF_Tensor*))                                                           \
  X(void*, TF_TensorData, (const TF_Tensor*))                                                                     \
  X(void, TF_StringInit, (TF_TString*))                                                                           \
  X(void, TF_StringCopy, (TF_TString*, const char*, std::size_t))                                                 \
  X(void, TF_StringDealloc, (TF_TString*))                                                                        \
  X(const char*, TF_StringGetDataPointer, (const TF_TString*))                                                    \
  X(std::size_t, TF_StringGetSize, (const TF_TString*))

struct Api {
#define TANDEM_DECLARE(result, name, parameters) result(*name) parameters = nullptr;
  TANDEM_TENSORFLOW_FUNCTIONS(TANDEM_DECLARE)
#undef TANDEM_DECLARE
};

// Binds the functions from `library` (libtensorflow_cc.so.2 or libtensorflow.so.2), once a process: a second call with
// another path keeps the first library, as two TensorFlows in one process would share global state.
// Throws kNotFound or kFailedPrecondition with the loader's message.
void LoadLibrary(const std::string& library);

// The bound functions. Throws kFailedPrecondition before LoadLibrary.
const Api& Tf();

}  // namespace tandem::tensorflow
