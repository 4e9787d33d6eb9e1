import type { Shape } from "../inference/shape.js";

/** `tensorflow.TensorShapeProto`, as protobufjs decodes it. */
export interface DecodedShape {
  dim?: { size?: number }[];
  unknown_rank?: boolean;
}

/** @returns -1 for variable dimensions; undefined where the rank is unknown */
export function shapeOf(shape: DecodedShape | undefined): Shape | undefined {
  if (shape === undefined || shape.unknown_rank) return undefined;
  return (shape.dim ?? []).map(({ size }) => size ?? 0);
}
