import { nearestName } from "@l402/config";
import { decodeCommand } from "./commands/decode.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { fetchCommand } from "./commands/fetch.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { quoteCommand } from "./commands/quote.ts";
import { tokensCommand } from "./commands/tokens.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, READER_GONE } from "./io.ts";
import { mcpCommand } from "./mcp/mcp-command.ts";
import { type Arguments, readArguments } from "./read-arguments.ts";
import { reportFailure } from "./report-failure.ts";
import { USAGE, usageError } from "./usage.ts";
import { version } from "./version.ts";

const COMMANDS: Readonly<Record<string, (args: Arguments, io: Io) => Promise<number>>> = {
  fetch: fetchCommand,
  quote: quoteCommand,
  inspect: inspectCommand,
  decode: decodeCommand,
  doctor: doctorCommand,
  tokens: tokensCommand,
  demo: demoCommand,
  mcp: mcpCommand,
};

/** Runs one command and returns its exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    const args = await readArguments(argv, io);
    if (args.version) await io.stdout(`${version()}\n`);
    else if (args.help || args.command === "help") await io.stdout(USAGE);
    else return await commandOf(args.command)(args, withinTime(args, io));
    return EXIT.ok;
  } catch (error) {
    if (error === READER_GONE) return EXIT.ok;
    return reportFailure(error, io, argv.includes("--json"));
  }
}

/**
 * SECURITY: a timeout ends a command like Ctrl-C, so that a running payment is reported (exit-codes.test.ts, "when
 * Ctrl-C comes while it pays").
 */
const withinTime = ({ maxTimeMs }: Arguments, io: Io): Io =>
  maxTimeMs === undefined
    ? io
    : { ...io, signal: AbortSignal.any([io.signal, AbortSignal.timeout(Math.ceil(maxTimeMs))]) };

function commandOf(name: string) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command;
  if (/^https?:\/\//i.test(name)) throw usageError("The command is missing before the URL. Example: l402 fetch <url>.");
  const meant = nearestName(name.slice(0, 20), Object.keys(COMMANDS));
  throw usageError(`l402 has no command "${name.slice(0, 20)}".${meant ? ` Did you mean "${meant}"?` : ""}`);
}
