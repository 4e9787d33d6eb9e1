/** What a model's file is called in a version directory, by which its engine is known, by the ending that it has elsewhere. */
export const artifactNames: Readonly<Record<string, string>> = {
  ".pt": "model.pt",
  ".pth": "model.pt",
  ".pt2": "model.pt2",
  ".pb": "model.graphdef",
  ".graphdef": "model.graphdef",
};
