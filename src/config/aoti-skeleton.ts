import type { CallSpec } from "./aoti-naming.js";
import type { PackageInput, PackageSource } from "./aoti-source.js";

/**
 * A `config.pbtxt` to be completed: names from the call specification, inputs from the package's source. Comments mark what
 * it does not tell. It can be read as it is.
 */
export function packageSkeleton(model: string, { inputs, outputs }: CallSpec, source: PackageSource): string {
  return [
    `name: ${JSON.stringify(model)}`,
    'platform: "torch_aoti"',
    "max_batch_size: 0  # ? above 0 if dimension 0 of all tensors is the batch, which dims then leave out",
    ...inputs.flatMap((name, i) => tensor("input", name, source.inputs?.[i])),
    ...outputs.flatMap((name) => tensor("output", name, undefined)),
    "",
  ].join("\n");
}

function tensor(side: string, name: string, known: PackageInput | undefined): string[] {
  const dims = known?.dims?.map((dim) => (typeof dim === "number" ? dim : -1));
  return [
    `${side} {`,
    `  name: ${JSON.stringify(name)}`,
    `  data_type: ${known?.dataType ?? "TYPE_FP32  # ?"}`,
    `  dims: ${dims === undefined ? "[ -1 ]  # ? a number for each dimension, -1 where it varies" : `[ ${dims.join(", ")} ]`}`,
    "}",
  ];
}
