#include "tensorflow/tensors.h"
#include "tensorflow_model.h"

// The least that any server around TensorFlow must do: TF_SessionRun in a loop, one call at a time, float inputs made
// once, outputs freed. What Tandem adds is measured against this.
//
//   tensorflow_raw_loop --library=libtensorflow_cc.so.2 --saved-model=DIR --tag=serve
//     --input=serving_default_x:0=1,16 --output=StatefulPartitionedCall:0 --seconds=2
//     [--config=HEX ConfigProto] [--run-options=HEX RunOptions]

namespace {

using namespace tandem::tensorflow;
using namespace tandem::bench;

void Run(const Arguments& arguments) {
  LoadLibrary(One(arguments, "library"));
  const ModelTensors tensors = ReadTensors(arguments);
  const auto loaded = LoadSession(ReadSource(arguments), tensors, FromHex(Optional(arguments, "config")));
  const std::vector<TensorHandle> sample = ToTensorFlowTensors(SampleOf(tensors, false, 1));
  const std::vector<TF_Tensor*> values = Pointers(sample);
  const std::size_t count = loaded->outputs.size();
  std::vector<TF_Tensor*> results(count);
  const StatusHandle status(Tf().TF_NewStatus());
  const BufferHandle run_options = ToBuffer(FromHex(Optional(arguments, "run-options")));
  Measure(std::stod(One(arguments, "seconds")), [&] {
    Tf().TF_SessionRun(loaded->session.get(), run_options.get(), loaded->inputs.data(), values.data(),
                       static_cast<int>(values.size()), loaded->outputs.data(), results.data(), static_cast<int>(count),
                       nullptr, 0, nullptr, status.get());
    Check(status.get(), "TF_SessionRun");
    for (TF_Tensor* result : results) Tf().TF_DeleteTensor(result);
  });
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv, Run); }
