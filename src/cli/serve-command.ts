import { Command, InvalidArgumentError, Option } from "commander";
import { defaultOptionValue, type OptionValue, parseOptionValue } from "./option-value.js";
import { runServer } from "./run-server.js";
import { type ServeOption, serveOptions } from "./serve-options.js";
import { serveSettings } from "./serve-settings.js";
import { unsupportedOptionWarnings } from "./unsupported-options.js";

/** `tandem serve`: options as tritonserver has them, `--name=value` or `--name value`. */
export function serveCommand(): Command {
  const command = new Command("serve")
    .description("serve model repositories, as tritonserver does")
    .allowExcessArguments(false)
    .showHelpAfterError();
  for (const option of serveOptions) command.addOption(commanderOption(option));
  command.action(async () => {
    const given = serveOptions.filter(({ name }) => isGiven(command, name));
    const values = new Map(serveOptions.map((option) => [option.name, optionValue(command, option)]));
    const settings = serveSettings(values);
    if (settings.repositoryPaths.length === 0) command.error("error: --model-repository must be specified");
    const warnings = unsupportedOptionWarnings(given, values);
    if (isGiven(command, "strict-model-config")) {
      warnings.push(
        "Warning: '--strict-model-config' has been deprecated! Please use '--disable-auto-complete-config' instead.",
      );
    }
    if (isGiven(command, "rate-limit-resource") && settings.repository.rateLimiter === undefined) {
      warnings.push("--rate-limit-resource has no effect without --rate-limit=execution_count");
    }
    process.exit(await runServer(settings, warnings));
  });
  return command;
}

function commanderOption(option: ServeOption): Option {
  const shown = new Option(`--${option.name}${option.kind === "flag" ? "" : " <value>"}`, option.help);
  if (option.default !== "") shown.default(defaultOptionValue(option), option.default);
  if (option.kind !== "flag") {
    shown.argParser((text: string, previous: OptionValue) => {
      try {
        return parseOptionValue(option, text, previous);
      } catch (error) {
        throw new InvalidArgumentError((error as RangeError).message);
      }
    });
  }
  if (option.support !== "works") shown.hideHelp();
  return shown;
}

function optionValue(command: Command, option: ServeOption): OptionValue {
  const value = command.getOptionValue(attribute(option.name)) as OptionValue;
  return value ?? defaultOptionValue(option);
}

function isGiven(command: Command, name: string): boolean {
  return command.getOptionValueSource(attribute(name)) === "cli";
}

function attribute(name: string): string {
  return new Option(`--${name}`).attributeName();
}
