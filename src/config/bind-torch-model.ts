import { invalidArgument } from "../inference/serving-error.js";
import { batchInputTensors } from "./batch-inputs.js";
import type { DataTypeName, ModelConfig } from "./model-config.js";
import { sequenceControls } from "./sequence-controls.js";
import { bindTorchInputs, nameIndex, takesDictionary } from "./torch-naming.js";
import { bindTorchOutputs, type TorchOutputPlace } from "./torch-outputs.js";
import { type TorchSignature, tensorKind, withSignature } from "./torch-signature.js";

/** Where an input goes: to an argument of `forward`, or under a key into the one dictionary that it takes. */
export interface TorchInputPlace {
  readonly argument: number;
  /** "": the argument itself. */
  readonly key: string;
}

export interface TorchBinding {
  /** Of the configured inputs, then the sequence controls, then the inputs made of the batch. */
  readonly inputs: readonly TorchInputPlace[];
  readonly outputs: readonly TorchOutputPlace[];
  readonly warnings: readonly string[];
}

/**
 * Brings a configuration together with the module's signature.
 *
 * @throws {ServingError} INVALID_ARGUMENT, with the signature, where they do not fit
 */
export function bindTorchModel(config: ModelConfig, signature: TorchSignature): TorchBinding {
  checkSequenceNames(config, signature);
  const { inputs, warnings } = bindInputs(config, signature);
  return { inputs, outputs: bindTorchOutputs(config, signature), warnings };
}

function bindInputs(
  config: ModelConfig,
  signature: TorchSignature,
): Pick<TorchBinding, "inputs" | "warnings"> {
  const fed = fedTensors(config);
  const isDictionary = takesDictionary(signature);
  if (fed.length === 0 && (isDictionary || signature.arguments.length === 0)) {
    throw invalidArgument(
      withSignature("model configuration must contain at least one input, none were specified.", signature),
    );
  }
  if (isDictionary) {
    const strings = fed.find(({ dataType }) => dataType === "TYPE_STRING");
    if (strings) throw wrongKind(strings, "the dictionary that forward takes holds tensors", signature);
    return { inputs: fed.map(({ name }) => ({ argument: 0, key: name })), warnings: [] };
  }
  const names = fed.map(({ name }) => name);
  const { positions, warnings } = bindTorchInputs(config.name, names, signature);
  for (const [i, tensor] of fed.entries()) checkKind(tensor, positions[i] as number, signature);
  return { inputs: positions.map((argument) => ({ argument, key: "" })), warnings };
}

/** What the sequence scheduler makes is bound by index, and beside states all else too. */
function checkSequenceNames(config: ModelConfig, signature: TorchSignature): void {
  const isUnnumbered = ({ name }: { readonly name: string }) => nameIndex(name) === undefined;
  const control = sequenceControls(config).find(isUnnumbered);
  if (control !== undefined) {
    const message = `input '${control.name}' does not follow <name>__<index> naming convention.`;
    throw invalidArgument(withSignature(message, signature));
  }
  if (!config.sequenceBatching?.state.length || ![...config.input, ...config.output].some(isUnnumbered))
    return;
  throw invalidArgument(
    withSignature(
      `PyTorch model '${config.name}' is using sequence batching with state but not all inputs and outputs follow the ` +
        "<name>__<index> naming convention.",
      signature,
    ),
  );
}

interface FedTensor {
  readonly name: string;
  readonly dataType: DataTypeName;
}

/** All that a module is fed. */
function fedTensors(config: ModelConfig): FedTensor[] {
  return [...config.input, ...sequenceControls(config), ...batchInputTensors(config)];
}

function checkKind(tensor: FedTensor, argument: number, signature: TorchSignature): void {
  const { name, type } = signature.arguments[argument] as TorchSignature["arguments"][number];
  if ((tensorKind(type) === "List[str]") === (tensor.dataType === "TYPE_STRING")) return;
  throw wrongKind(tensor, `argument '${name}' of forward is ${type.text}`, signature);
}

function wrongKind({ name, dataType }: FedTensor, found: string, signature: TorchSignature) {
  return invalidArgument(
    withSignature(
      `input '${name}' is ${dataType}, but ${found}; TYPE_STRING goes with List[str], and only with that`,
      signature,
    ),
  );
}
