import { datatypeOf } from "../config/data-type-name.js";
import { formatSignature } from "../config/torch-signature.js";
import type { TorchTensor } from "../config/torch-skeleton.js";
import { elementByteSize } from "../inference/datatype.js";
import { formatShape } from "../inference/shape.js";
import type { TorchInspection } from "../model/inspect-torch.js";
import { formatBytes } from "./format-bytes.js";

/** What a TorchScript file says, for people; without its configuration. */
export function formatTorch({ signature, tracedInputs, parameters, training }: TorchInspection): string[] {
  const traced = tracedInputs.filter((tensor) => tensor !== undefined);
  const facts: [string, string][] = [
    ["signature", formatSignature(signature)],
    ...traced.map((tensor): [string, string] => ["traced with", formatTensor(tensor)]),
    ["parameters", formatParameters(parameters)],
    ["mode", training ? "training" : "evaluation"],
  ];
  return ["", ...facts.map(([title, value]) => `  ${title.padEnd(12)}${value}`)];
}

/** The same for JSON. */
export function torchToJson({ signature, ...inspection }: TorchInspection): object {
  const { config: _, skeleton: __, ...more } = inspection;
  return {
    ...more,
    forward: formatSignature(signature),
    arguments: signature.arguments.map(({ name, type, defaultValue }) => ({
      name,
      type: type.text,
      default: defaultValue === "" ? undefined : defaultValue,
    })),
    result: signature.result.text,
  };
}

function formatTensor({ name, dataType, shape }: TorchTensor): string {
  return `${name}  ${dataType}  ${formatShape(shape)}`;
}

function formatParameters(parameters: readonly TorchTensor[]): string {
  const bytes = parameters.reduce((total, { dataType, shape }) => {
    const datatype = datatypeOf(dataType);
    const size = datatype === undefined ? 0 : elementByteSize(datatype);
    return total + size * shape.reduce((product, dim) => product * dim, 1);
  }, 0);
  if (parameters.length === 0) return "none";
  // A linear layer's or a convolution's: its dimension 1 is that of the features or channels that come in.
  const first = parameters.find(({ shape }) => shape.length > 1);
  const more = first === undefined ? "" : `; first weight ${formatTensor(first)}`;
  return `${parameters.length}, ${formatBytes(bytes)}${more}`;
}
