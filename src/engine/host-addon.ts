import type { NativeAddon, NativeBatchInput, NativeModelHandle, NativeTensorSpec } from "./native-addon.js";

/** Sockets and shared memory for a host that is to be started. */
export interface NativeChannels {
  /** For the host: of each instance its socket and its memory. */
  readonly descriptors: readonly number[];
  readonly handle: unknown;
}

/** A model in another process. */
export interface NativeHostedModel extends NativeModelHandle {
  /** Batches go to the host with this process id, a child of this process, from now on. */
  attach(channels: unknown, processId: number): void;
  /** The host has ended: batches wait for the next one. */
  detach(): void;
  /** There will be no other host: batches that wait for one, and those to come, fail like this. */
  fail(code: number, message: string): void;
}

export interface NativeHostedOptions {
  /** For messages. */
  readonly model: string;
  readonly instances: number;
  /** What requests bring. */
  readonly inputs: readonly NativeTensorSpec[];
  readonly batchInputs: readonly NativeBatchInput[];
  readonly outputs: readonly NativeTensorSpec[];
  /** An execution that takes longer ends the host; 0: no limit. */
  readonly timeoutMillis: number;
  readonly coalesceRows: number;
  readonly slot: number;
}

/** What tandem_host.node exports; native/binding/host_addon.cc. Errors have a numeric `code`. */
export interface HostAddon extends NativeAddon {
  makeChannels(options: {
    readonly instances: number;
    readonly arenaBytes: number;
    readonly arenaGrowthBytes: number;
  }): NativeChannels;
  /** Once the host has been started with them: here they would hide that it has ended. */
  closeHostEnds(channels: unknown): void;
  open(options: NativeHostedOptions): Promise<NativeHostedModel>;
}
