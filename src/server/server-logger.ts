import { type Logger, silentLogger } from "../model/logger.js";

/** Where the server reports what it does; pino's loggers are such. */
export interface ServerLogger extends Logger {
  debug(message: string): void;
}

export const silentServerLogger: ServerLogger = { ...silentLogger, debug() {} };
