#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>

#include <sstream>

#include "raw_loop.h"
#include "torch/module.h"

// The least that any server around libtorch must do: forward() in a loop under InferenceMode, one call at a time, float
// inputs made once. What Tandem adds is measured against this.
//
//   torch_raw_loop --module=model.pt --input=1,16 --seconds=2 [--threads=1]

namespace {

using tandem::bench::One;

void Run(const tandem::bench::Arguments& arguments) {
  tandem::torchscript::LoadedModule loaded(One(arguments, "module"), "cpu");
  if (arguments.contains("threads")) at::set_num_threads(std::stoi(One(arguments, "threads")));
  const c10::InferenceMode inference;
  auto module = loaded.Shared(tandem::torchscript::Way::kFrozen);
  auto forward = module.get_method("forward");
  std::vector<c10::IValue> inputs;
  for (const std::string& input : arguments.at("input")) {
    std::vector<std::int64_t> shape;
    std::stringstream stream(input);
    for (std::string dim; std::getline(stream, dim, ',');) shape.push_back(std::stoll(dim));
    inputs.emplace_back(at::rand(shape));
  }
  tandem::bench::Measure(std::stod(One(arguments, "seconds")), [&] { forward(inputs); });
}

}  // namespace

int main(int argc, char** argv) { return tandem::bench::Main(argc, argv, Run); }
