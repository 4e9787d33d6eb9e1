#pragma once

#include "core/data_type.h"

namespace tandem::tensorflow {

// TF_DataType numbers (tf_datatype.h) of Tandem's types; 0 for kInvalid.
int ToTensorFlow(DataType type);

// kInvalid for a TensorFlow type that no protocol of Tandem carries (complex, quantised, resource, variant).
DataType FromTensorFlow(int type);

}  // namespace tandem::tensorflow
