import { isL402Error } from "@l402/core";
import { decodeCommand } from "./commands/decode.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { fetchCommand } from "./commands/fetch.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { quoteCommand } from "./commands/quote.ts";
import { tokensCommand } from "./commands/tokens.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { type Io, red } from "./io.ts";
import { type Arguments, readArguments } from "./read-arguments.ts";
import { isUsageError, USAGE } from "./usage.ts";

const COMMANDS: Readonly<Record<string, (args: Arguments, io: Io) => Promise<number> | number>> = {
  fetch: fetchCommand,
  quote: quoteCommand,
  inspect: inspectCommand,
  decode: decodeCommand,
  doctor: doctorCommand,
  tokens: tokensCommand,
  demo: demoCommand,
};

/** Runs one command; answers its exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const json = argv.includes("--json");
  try {
    const args = readArguments(argv, io);
    if (args.help || args.command === "help") {
      io.stdout(`${USAGE}\n`);
      return EXIT.ok;
    }
    const command = Object.hasOwn(COMMANDS, args.command) ? COMMANDS[args.command] : undefined;
    if (!command) {
      io.stderr(`l402 has no command "${args.command}". l402 --help lists them.\n`);
      return EXIT.usage;
    }
    return await command(args, io);
  } catch (error) {
    return report(error, io, json);
  }
}

function report(error: unknown, io: Io, json: boolean): number {
  if (isUsageError(error)) {
    io.stderr(`${error.message} l402 --help explains.\n`);
    return EXIT.usage;
  }
  const exitCode = exitCodeOf(error);
  if (isL402Error(error)) {
    const { code, message, hint, fundsMoved, retryable } = error;
    if (json) io.stdout(`${JSON.stringify({ error: { code, message, hint, fundsMoved, retryable } })}\n`);
    const money = { no: "Nothing was paid.", yes: "It was paid.", maybe: "It may have been paid." }[fundsMoved];
    io.stderr(`${red(io, code)} ${message}\n${hint}\n${money}\n`);
    return exitCode;
  }
  const reason = networkReason(error);
  if (json) io.stdout(`${JSON.stringify({ error: { code: "NETWORK", message: reason } })}\n`);
  io.stderr(`${red(io, "NETWORK")} ${reason}\n`);
  return exitCode;
}

/** fetch says only that it failed; the reason is one deeper. */
function networkReason(error: unknown): string {
  const { cause, message } = (error ?? {}) as { cause?: { code?: string; message?: string }; message?: string };
  return `The server cannot be reached: ${cause?.code ?? cause?.message ?? message ?? "unknown reason"}.`;
}
