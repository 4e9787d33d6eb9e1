#include <cstring>
#include <sstream>

#include "core/tensor.h"
#include "raw_loop.h"
#include "tensorflow/graph.h"
#include "tensorflow/model.h"

// The least that any server around TensorFlow must do: TF_SessionRun in a loop, one call at a time, float inputs made
// once, outputs freed. What Tandem adds is measured against this.
//
//   tensorflow_raw_loop --library=libtensorflow_cc.so.2 --saved-model=DIR --tag=serve
//     --input=serving_default_x:0=1,16 --output=StatefulPartitionedCall:0 --seconds=2
//     [--graph-def=FILE instead] [--config=HEX ConfigProto] [--run-options=HEX RunOptions]

namespace {

using tandem::bench::One;
using namespace tandem::tensorflow;

std::string FromHex(const tandem::bench::Arguments& arguments, const std::string& name) {
  if (!arguments.contains(name)) return {};
  const std::string hex = One(arguments, name);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

TensorHandle MakeInput(const std::string& dims) {
  tandem::Shape shape;
  std::stringstream stream(dims);
  for (std::string dim; std::getline(stream, dim, ',');) shape.push_back(std::stoll(dim));
  const std::size_t byte_size = static_cast<std::size_t>(tandem::ElementCount(shape)) * sizeof(float);
  TensorHandle tensor(Tf().TF_AllocateTensor(1, shape.data(), static_cast<int>(shape.size()), byte_size));
  auto* values = static_cast<float*>(Tf().TF_TensorData(tensor.get()));
  for (std::size_t i = 0; i < byte_size / sizeof(float); ++i) values[i] = static_cast<float>(i % 7) / 7.0F;
  return tensor;
}

int Run(int argc, char** argv) {
  const auto arguments = tandem::bench::ReadArguments(argc, argv);
  LoadLibrary(One(arguments, "library"));
  ModelOptions options;
  options.config = FromHex(arguments, "config");
  const std::string run_options = FromHex(arguments, "run-options");
  const std::vector<std::string> tags{arguments.contains("tag") ? One(arguments, "tag") : "serve"};
  const auto loaded = arguments.contains("graph-def") ? LoadGraph(ImportGraph(One(arguments, "graph-def")), options)
                                                      : LoadSavedModel(One(arguments, "saved-model"), tags, options);
  std::vector<TF_Output> feeds;
  std::vector<TensorHandle> inputs;
  std::vector<TF_Tensor*> values;
  for (const std::string& input : arguments.at("input")) {
    const std::size_t equals = input.find('=');
    feeds.push_back(FindOutput(loaded->graph.get(), input.substr(0, equals)));
    inputs.push_back(MakeInput(input.substr(equals + 1)));
    values.push_back(inputs.back().get());
  }
  std::vector<TF_Output> fetches;
  for (const std::string& output : arguments.at("output")) fetches.push_back(FindOutput(loaded->graph.get(), output));
  std::vector<TF_Tensor*> results(fetches.size());
  const StatusHandle status(Tf().TF_NewStatus());
  const BufferHandle buffer(run_options.empty() ? nullptr
                                                : Tf().TF_NewBufferFromString(run_options.data(), run_options.size()));
  tandem::bench::Measure(std::stod(One(arguments, "seconds")), [&] {
    Tf().TF_SessionRun(loaded->session.get(), buffer.get(), feeds.data(), values.data(), static_cast<int>(feeds.size()),
                       fetches.data(), results.data(), static_cast<int>(fetches.size()), nullptr, 0, nullptr,
                       status.get());
    Check(status.get(), "TF_SessionRun");
    for (TF_Tensor* result : results) Tf().TF_DeleteTensor(result);
  });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
