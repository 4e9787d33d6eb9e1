import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MILLIS = 500;

/**
 * Runs `work` while no other process sets the same folder up; waits for one that does. A lock left behind by a process
 * that has ended is taken over.
 */
export async function withSetupLock<T>(home: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(home, { recursive: true });
  const file = join(home, "setup.lock");
  for (let told = false; !take(file); told = true) {
    if (!told) process.stderr.write(`waiting for another set-up of ${home} to end (${file})\n`);
    await sleep(POLL_MILLIS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  }
}

function isHeld(file: string): boolean {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    if (!holder) return true; // just being written
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
