import { Repository } from "../model/repository.js";
import { type RunningServer, serve } from "../server/serve.js";
import { exitNow } from "./exit-now.js";
import { createLog } from "./log.js";
import { modelTable } from "./model-table.js";
import type { ServeSettings } from "./serve-settings.js";

/**
 * Loads the models, then opens the ports, and serves until SIGINT or SIGTERM.
 *
 * @returns the exit code: 0 after a graceful stop; 1 if the start failed or requests were cut off at the end
 */
export async function runServer(settings: ServeSettings, warnings: readonly string[]): Promise<number> {
  const logger = createLog(settings.log);
  for (const warning of warnings) logger.warn(warning);
  const repository = new Repository(settings.repositoryPaths, { ...settings.repository, logger });
  let server: RunningServer;
  try {
    const failures = await repository.load();
    logger.info(modelTable(repository.index()));
    if (failures.length > 0 && settings.exitOnError) throw new Error("failed to load all models");
    server = await serve(repository, { ...settings.server, logger });
  } catch (error) {
    logger.error(`failed to start the server: ${(error as Error).message}`);
    await repository.close();
    return 1;
  }
  const signal = await stopSignal();
  logger.info(`${signal} received, stopping`);
  try {
    await server.close();
    return 0;
  } catch (error) {
    logger.error(`failed to stop server: ${(error as Error).message}`);
    return exitNow(1);
  }
}

/** The first of them; those that follow are ignored. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on("SIGINT", resolve);
    process.on("SIGTERM", resolve);
  });
}
