import { loadDescriptor } from "../../src/config/message-schema.js";

/** A `saved_model.pb` without graphs: its tag sets and signatures, as protobufjs spells them. */
export function savedModelFile(...metaGraphs: object[]): Uint8Array {
  const type = loadDescriptor("saved-model").lookupType("tensorflow.SavedModel");
  return type.encode(type.fromObject({ meta_graphs: metaGraphs })).finish();
}

/** A tag set whose signatures all go from FP32 `x` to FP32 `y`, both of `[-1]`. */
export function metaGraph(tags: readonly string[], ...signatures: readonly string[]): object {
  const tensor = { name: "x:0", dtype: "DT_FLOAT", tensor_shape: { dim: [{ size: -1 }] } };
  return {
    meta_info_def: { tags },
    signature_def: Object.fromEntries(
      signatures.map((name) => [name, { inputs: { x: tensor }, outputs: { y: tensor } }]),
    ),
  };
}
