import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { invalidArgument } from "../inference/serving-error.js";
import { interpreterIn } from "./python-environments.js";
import { tandemHome } from "./runtime-home.js";

const run = promisify(execFile);

/**
 * The interpreter of the environment that `EXECUTION_ENV_PATH` names. An archive is unpacked into Tandem's folder, once
 * for each archive: the same path, size and time of modification are the same archive.
 *
 * @param path a directory with `bin/python`, or what conda-pack makes of one; absolute
 * @throws {ServingError} INVALID_ARGUMENT if it is neither
 */
export async function executionEnvironment(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) throw wrong(path, "does not exist");
  const directory = status.isDirectory()
    ? path
    : await unpacked(path, env, `${path} ${status.size} ${status.mtimeMs}`);
  const interpreter = interpreterIn(directory);
  if (interpreter === undefined) throw wrong(path, "holds no bin/python");
  return interpreter;
}

/** Archives that are being unpacked, by the link that will tell where they are. */
const inProgress = new Map<string, Promise<void>>();

async function unpacked(archive: string, env: NodeJS.ProcessEnv, identity: string): Promise<string> {
  const name = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  const link = join(tandemHome(env), "environments", name);
  if (existsSync(link)) return link;
  const running = inProgress.get(link) ?? unpack(archive, link).finally(() => inProgress.delete(link));
  inProgress.set(link, running);
  await running;
  return link;
}

/**
 * What conda-unpack does depends on the folder's name, so each attempt has a folder of its own, and a link tells which one
 * is whole: another process that does the same at the same time does no harm.
 */
async function unpack(archive: string, link: string): Promise<void> {
  const folder = `${link}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  try {
    await run("tar", ["-xf", archive, "-C", folder]);
    const finish = join(folder, "bin", "conda-unpack");
    const python = interpreterIn(folder);
    if (python !== undefined && existsSync(finish)) await run(python, [finish]);
    if (!existsSync(link)) await rm(link, { force: true }); // it may lead nowhere
    await symlink(folder, link);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (!existsSync(link)) throw wrong(archive, `cannot be unpacked: ${(error as Error).message.trim()}`);
  }
}

function wrong(path: string, what: string) {
  return invalidArgument(
    `parameter 'EXECUTION_ENV_PATH' must name a Python environment or an archive of conda-pack, but '${path}' ${what}`,
  );
}
