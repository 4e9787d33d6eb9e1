#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { packageRoot } from "../engine/addon-build.js";
import { ServingError } from "../inference/serving-error.js";
import { compileCommand } from "./compile-command.js";
import { doctorCommand } from "./doctor-command.js";
import { inspectCommand } from "./inspect-command.js";
import { setupCommand } from "./setup-command.js";
import { SetupError } from "./setup-step.js";

/** `tandem setup | doctor | inspect | compile | serve`. Exit codes: 0 done, 1 failed, with the reason on stderr. */
async function main(args: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
  };
  const program = new Command("tandem")
    .description("Run TensorFlow and PyTorch models, embedded or as a Triton-compatible server")
    .version(version)
    .addCommand(setupCommand())
    .addCommand(doctorCommand())
    .addCommand(inspectCommand())
    .addCommand(compileCommand());
  // The server brings fastify and its kin: not for those who do not serve.
  if (!["setup", "doctor", "inspect", "compile"].includes(args[0] ?? "")) {
    const { serveCommand } = await import("./serve-command.js");
    program.addCommand(serveCommand());
  }
  await program.parseAsync(args, { from: "user" });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isExpected = error instanceof SetupError || error instanceof ServingError;
  process.stderr.write(`tandem: ${isExpected ? error.message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
});
