/**
 * Builds and runs the native tests, `test/native`, without Node.js and under AddressSanitizer. By itself:
 *
 *     node scripts/native-tests.mjs
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * @param {string} root the package's root
 * @param {NodeJS.ProcessEnv} env finds the engines, as for Tandem itself
 * @returns {Promise<{ code: number, output: string, counts: { passed: number, failed: number, skipped: number } }>}
 */
export async function runNativeTests(root, env) {
  const { findTensorflow } = await import("../lib/engine/find-tensorflow.js");
  const { findTorch } = await import("../lib/engine/find-torch.js");
  const tensorflow = findTensorflow(env).runtime;
  const torch = findTorch(env).runtime;
  const fixtures = fixtureRoots(root, env);
  const tree = join(root, "build/native-tests");
  mkdirSync(tree, { recursive: true });
  const testEnv = {
    ...env,
    PATH: [env.PATH, join(env.TANDEM_PYTHON ?? "", "bin")].join(delimiter),
    // The test programs carry no path to the libraries they link to, as the addons do not.
    LD_LIBRARY_PATH: [torch && join(torch.directory, "lib"), env.LD_LIBRARY_PATH]
      .filter(Boolean)
      .join(delimiter),
    TANDEM_TENSORFLOW_LIBRARY: tensorflow?.library ?? "",
    TANDEM_TEST_TENSORFLOW_FIXTURES: fixtures.tensorflow,
    TANDEM_TEST_TORCH_FIXTURES: fixtures.torch,
    // Both engines keep memory until the process ends.
    ASAN_OPTIONS: env.ASAN_OPTIONS ?? "detect_leaks=0",
  };
  const settings = [
    "-DTANDEM_ENGINE=tests",
    "-DTANDEM_ADDRESS_SANITIZER=ON",
    `-DTANDEM_TORCH_DIR=${torch?.headers ? torch.directory : ""}`,
    `-DTANDEM_TORCH_CXX11_ABI=${torch?.cxx11Abi === false ? 0 : 1}`,
  ];
  const programs = ["core_tests", "tensorflow_tests", ...(torch?.headers ? ["torch_tests"] : [])];
  const parallel = String(availableParallelism());
  const outcome = { code: 0, output: "", counts: { passed: 0, failed: 0, skipped: 0 } };
  const buildSteps = [
    ["cmake", ["-S", root, "-B", tree, ...settings]],
    ["cmake", ["--build", tree, "--parallel", parallel, "--target", ...programs]],
  ];
  for (const [command, args] of buildSteps) {
    const { code, output } = await runStep(command, args, root, testEnv);
    outcome.output += output;
    if (code !== 0) return { ...outcome, code };
  }
  for (const program of programs) {
    const { code, output } = await runStep(join(tree, "test/native", program), [], root, testEnv);
    const [, passed = 0, failed = 0] = /^(\d+) passed, (\d+) failed/m.exec(output) ?? [];
    outcome.output += output;
    outcome.counts.passed += Number(passed);
    outcome.counts.failed += Math.max(Number(failed), code === 0 ? 0 : 1);
    outcome.code ||= code;
  }
  return outcome;
}

/** Where the models are that the other tests use too. */
function fixtureRoots(root, env) {
  const script = join(root, "test/support/print-fixture-roots.ts");
  return JSON.parse(
    execFileSync(process.execPath, ["--import", "tsx", script], { cwd: root, env, encoding: "utf8" }),
  );
}

function runStep(command, args, cwd, env) {
  return new Promise((settle) => {
    let output = `${[command, ...args].join(" ")}\n`;
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => settle({ code: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code) => settle({ code: code ?? 1, output }));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  if (!existsSync(join(root, "test/native/CMakeLists.txt")))
    throw new Error("there is no test/native/CMakeLists.txt");
  const { code, output } = await runNativeTests(root, process.env);
  process.stdout.write(output);
  process.exitCode = code;
}
