/**
 * Ends the process without waiting for anything, not even for models that are running: `process.exit` joins their
 * threads first.
 */
export function exitNow(code: number): never {
  const { reallyExit } = process as unknown as { reallyExit(code: number): never };
  return reallyExit.call(process, code);
}
