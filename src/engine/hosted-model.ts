import { setTimeout } from "node:timers/promises";
import { Code, ServingError } from "../inference/serving-error.js";
import type { EngineLogger } from "./engine-load-request.js";
import type { HostAddon, NativeHostedModel } from "./host-addon.js";
import { HostProcess, type HostProgram } from "./host-process.js";
import { NativeModel, type NativeModelParts } from "./native-model.js";
import { RestartLimit } from "./restart-limit.js";

/** What it takes to start a host, as often as needed. */
export interface HostSettings {
  readonly addon: HostAddon;
  /** For messages: `model 'm' version 1`. */
  readonly title: string;
  readonly program: HostProgram;
  readonly instances: number;
  /** Memory shared with an instance: to begin with, and by how much it grows at least. */
  readonly arenaBytes: number;
  readonly arenaGrowthBytes: number;
  /** How often within a minute a host is started again. */
  readonly restarts: number;
  readonly logger: EngineLogger;
}

/** A host whose model is warm, and the server's ends of what it shares with it. */
export interface RunningHost {
  readonly process: HostProcess;
  readonly channels: unknown;
  readonly details: unknown;
}

/**
 * Starts a host and waits until its model is warm.
 *
 * @param signal ends it where nobody waits for it any more
 * @throws {ServingError} what the host tells, or UNAVAILABLE if it ends or cannot be started; no process is left then
 */
export async function startHost(settings: HostSettings, signal?: AbortSignal): Promise<RunningHost> {
  const { addon, program, instances, logger } = settings;
  const channels = addon.makeChannels({ ...settings });
  const process = new HostProcess(program, channels.descriptors, instances, logger);
  addon.closeHostEnds(channels.handle);
  const kill = () => process.kill();
  signal?.addEventListener("abort", kill);
  try {
    return { process, channels: channels.handle, details: await process.loaded };
  } catch (error) {
    process.kill();
    await process.ended;
    throw ServingError.from(error);
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

/**
 * A model that a process of its own runs. If that ends, batches wait until another one has loaded the model; if hosts
 * end too often the model is given up.
 */
export class HostedModel extends NativeModel {
  onUnavailable: ((reason: string) => void) | undefined;
  private readonly settings: HostSettings;
  private readonly hosted: NativeHostedModel;
  private readonly limit: RestartLimit;
  private host: RunningHost | undefined;
  /** Settles when no host is being started any more. */
  private restarting: Promise<void> = Promise.resolve();
  private readonly ending = new AbortController();
  private closed: Promise<void> | undefined;

  constructor(
    parts: NativeModelParts & { handle: NativeHostedModel },
    settings: HostSettings,
    host: RunningHost,
  ) {
    super(parts);
    this.settings = settings;
    this.hosted = parts.handle;
    this.limit = new RestartLimit(settings.restarts);
    this.use(host);
  }

  override close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private async end(): Promise<void> {
    this.ending.abort();
    await super.close();
    this.hosted.detach();
    await this.restarting;
    await this.host?.process.stop();
  }

  private use(host: RunningHost): void {
    this.host = host;
    this.hosted.attach(host.channels, host.process.processId as number);
    host.process.unref();
    host.process.ended.then((how) => {
      this.host = undefined;
      if (this.closed !== undefined) return;
      this.hosted.detach();
      this.restarting = this.restart(`its process ${how}`);
    });
  }

  /** Starts hosts until one lives, or it has been too often. */
  private async restart(reason: string): Promise<void> {
    const { logger } = this.settings;
    for (let why = reason; ; ) {
      const wait = this.limit.next(performance.now());
      if (wait === undefined) {
        this.giveUp(why);
        return;
      }
      logger.error(`${why}; starting another one in ${wait} ms`);
      try {
        await setTimeout(wait, undefined, { signal: this.ending.signal });
        this.use(await startHost(this.settings, this.ending.signal));
        logger.info("its process runs again");
        return;
      } catch (error) {
        if (this.closed !== undefined) return;
        why = `its process could not be started again: ${(error as Error).message}`;
      }
    }
  }

  private giveUp(why: string): void {
    const { title, logger, restarts } = this.settings;
    const reason = `${why}; it was started again ${restarts} times within a minute before`;
    logger.error(`given up: ${reason}`);
    this.hosted.fail(Code.UNAVAILABLE, `${title} is not available: ${reason}`);
    this.onUnavailable?.(reason);
  }
}
