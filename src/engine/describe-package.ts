import { type PackageSource, readPackageSource } from "../config/aoti-source.js";
import type { PackageMetadata } from "../config/check-package-host.js";
import { invalidArgument } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import type { TorchAddon } from "./torch-addon.js";

/** What an AOTInductor package says about itself. */
export interface PackageDescription {
  readonly metadata: PackageMetadata;
  readonly source: PackageSource;
}

/**
 * Reads what a package says about itself. Nothing of it is run.
 *
 * @throws {ServingError} INVALID_ARGUMENT if it is no package with a model named "model"; UNAVAILABLE if libtorch or the
 *   addon is missing
 */
export async function describePackage(path: string): Promise<PackageDescription> {
  const { models, metadata, source } = await loadAddon<TorchAddon>("torch").readPackage(path);
  if (metadata !== "") return { metadata: parsed(metadata), source: readPackageSource(source) };
  const found =
    models === ""
      ? "a program that torch.export.save wrote is compiled by `tandem compile`"
      : `it holds compiled models of other names: ${models}`;
  throw invalidArgument(`'${path}' is no AOTInductor package with a model named "model"; ${found}`);
}

function parsed(metadata: string): PackageMetadata {
  try {
    return JSON.parse(metadata) as PackageMetadata;
  } catch {
    throw invalidArgument(`the package's metadata is no JSON: ${metadata}`);
  }
}
