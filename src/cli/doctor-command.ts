import { Command } from "commander";
import { ENGINE_TITLES } from "../engine/runtime.js";
import { type DoctorReport, doctorReport, type EngineReport, type HostsReport } from "./doctor-report.js";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "say what was found of each engine, and what to do about what is missing; exit code 1 if none is usable",
    )
    .option("--json", "as JSON", false)
    .action(({ json }: { json: boolean }) => {
      const report = doctorReport(process.env);
      process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
      if (!report.engines.some((engine) => engine.usable)) process.exitCode = 1;
    });
}

/** The report for people. */
export function formatReport(report: DoctorReport): string {
  const head = [
    `Tandem ${report.tandem}, Node.js ${report.node}, ${report.machine}`,
    `folder         ${report.home}`,
    `NVIDIA driver  ${report.nvidiaDriver ?? "none"}`,
    `GPUs           ${report.gpus.join(", ") || "none"}`,
  ];
  return `${[...head, ...report.engines.flatMap(formatEngine), ...formatHosts(report.hosts)].join("\n")}\n`;
}

function formatHosts({ addon, python, from, advice }: HostsReport): string[] {
  return [
    "",
    "Models in processes of their own",
    `  addon        ${addon ?? "not built"}`,
    `  Python       ${python === undefined ? "none with torch" : `${python} (${from})`}`,
    ...advice.map((what) => `  to do        ${what}`),
  ];
}

function formatEngine(engine: EngineReport): string[] {
  const title = ENGINE_TITLES[engine.engine];
  const lines = ["", `${title} ${engine.path ? (engine.version ?? "of unknown version") : "was not found"}`];
  if (engine.path) {
    const addons = Object.entries(engine.addons).map(([name, file]) => `${name} ${file ?? "not built"}`);
    lines.push(
      `  libraries    ${engine.path} (${engine.from})`,
      `  CUDA         ${engine.cuda}`,
      ...addons.map((addon, index) => `  ${index === 0 ? "addons" : "      "}       ${addon}`),
      `  usable       ${engine.usable ? "yes" : "no"}`,
    );
  } else {
    lines.push(...engine.tried.map((place) => `  looked at    ${place}`));
  }
  return [...lines, ...engine.advice.map((advice) => `  to do        ${advice}`)];
}
