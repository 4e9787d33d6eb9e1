#include "tensorflow/placed_saved_model.h"

#include <cstdlib>
#include <fstream>

#include "tensorflow/read_file.h"
#include "tensorflow/wire.h"

namespace tandem::tensorflow {
namespace {

constexpr const char* kFile = "saved_model.pb";
// Field numbers of tensorflow/core/protobuf/{saved_model,meta_graph}.proto and core/framework/*.proto.
constexpr std::uint32_t kMetaGraphs = 2, kGraphDef = 2, kNode = 1, kLibrary = 2, kFunction = 1, kFunctionNode = 3,
                        kDevice = 4;

// The message with `change` applied to each field `id`.
template <typename Change>
std::string Map(std::string_view message, std::uint32_t id, Change change) {
  std::string changed;
  WireField field;
  for (WireReader reader(message); reader.Next(field);) {
    if (field.id == id) {
      PutBytes(changed, id, change(field.bytes));
    } else {
      changed += field.whole;
    }
  }
  return changed;
}

bool HasDevice(std::string_view node) {
  WireField field;
  for (WireReader reader(node); reader.Next(field);) {
    if (field.id == kDevice && !field.bytes.empty()) return true;
  }
  return false;
}

}  // namespace

std::string PlaceSavedModel(std::string_view saved_model, std::string_view device) {
  const auto place_node = [device](std::string_view node) {
    std::string placed(node);
    if (!HasDevice(node)) PutBytes(placed, kDevice, device);
    return placed;
  };
  const auto place_function = [&](std::string_view function) { return Map(function, kFunctionNode, place_node); };
  const auto place_library = [&](std::string_view library) { return Map(library, kFunction, place_function); };
  const auto place_graph = [&](std::string_view graph) {
    return Map(Map(graph, kNode, place_node), kLibrary, place_library);
  };
  const auto place_meta_graph = [&](std::string_view meta_graph) { return Map(meta_graph, kGraphDef, place_graph); };
  return Map(saved_model, kMetaGraphs, place_meta_graph);
}

PlacedSavedModel::PlacedSavedModel(const std::filesystem::path& original, const std::string& device) {
  const std::string placed = PlaceSavedModel(ReadFile(original / kFile), device);
  std::string name = (std::filesystem::temp_directory_path() / "tandem-placed-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw Error(Code::kInternal, "cannot create '" + name + "'");
  path_ = name;
  std::ofstream(path_ / kFile, std::ios::binary) << placed;
  for (const auto& entry : std::filesystem::directory_iterator(original)) {
    if (entry.path().filename() == kFile) continue;
    std::filesystem::create_symlink(std::filesystem::absolute(entry.path()), path_ / entry.path().filename());
  }
}

PlacedSavedModel::~PlacedSavedModel() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tandem::tensorflow
