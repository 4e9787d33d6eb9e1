/** Where the model layer reports what it does; pino's loggers are such. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** What only few want to see. */
  debug?(message: string): void;
}

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

/** For programs that bring no logger: warnings as Node.js' own ones. */
export const processLogger: Logger = {
  ...silentLogger,
  warn: (message) => process.emitWarning(message, "TandemWarning"),
};
