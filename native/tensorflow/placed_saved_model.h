#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tandem::tensorflow {

// A copy of a SavedModel whose operations are pinned to `device` where they name none: the C API loads SavedModels from
// directories only, and takes no default device. The copy is a temporary directory with a saved_model.pb of its own and
// links to the rest, weights among it; it goes with this object.
class PlacedSavedModel {
 public:
  // Throws kNotFound, kInvalidArgument if saved_model.pb is no such message, kInternal.
  PlacedSavedModel(const std::filesystem::path& original, const std::string& device);
  ~PlacedSavedModel();

  PlacedSavedModel(const PlacedSavedModel&) = delete;
  PlacedSavedModel& operator=(const PlacedSavedModel&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The message tensorflow.SavedModel with `device` in all nodes that have none, those of functions too.
std::string PlaceSavedModel(std::string_view saved_model, std::string_view device);

}  // namespace tandem::tensorflow
