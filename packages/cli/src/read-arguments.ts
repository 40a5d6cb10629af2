import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import { networkFrom, statePathFrom } from "@l402/config";
import { L402Error, NETWORKS, type Network } from "@l402/core";
import { insteadOf } from "./curl-flags.ts";
import type { Io } from "./io.ts";
import { checkNotOwn, stateFileFor } from "./own-files.ts";
import { type Data, type RequestArguments, readRequest } from "./read-request.ts";
import { usageError } from "./usage.ts";

export interface Arguments extends RequestArguments {
  command: string;
  positionals: string[];
  json: boolean;
  help: boolean;
  version: boolean;
  // Not every command needs these two: each throws if its setting is wrong.
  readonly network: Network;
  readonly statePath: string;
  include: boolean;
  output: string | undefined;
  silent: boolean;
  dryRun: boolean;
  all: boolean;
  fail: boolean;
  maxTimeMs: number | undefined;
  maxSats: number | undefined;
}

const OPTIONS = {
  request: { type: "string", short: "X" },
  header: { type: "string", short: "H", multiple: true },
  "user-agent": { type: "string", short: "A" },
  data: { type: "string", short: "d", multiple: true },
  "data-binary": { type: "string", multiple: true },
  "data-raw": { type: "string", multiple: true },
  head: { type: "boolean", short: "I" },
  "max-time": { type: "string", short: "m" },
  fail: { type: "boolean", short: "f" },
  include: { type: "boolean", short: "i" },
  output: { type: "string", short: "o" },
  silent: { type: "boolean", short: "s" },
  "dry-run": { type: "boolean" },
  "max-sats": { type: "string" },
  all: { type: "boolean" },
  json: { type: "boolean" },
  network: { type: "string" },
  state: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  // Flags of curl for things that this command always does.
  location: { type: "boolean", short: "L" },
  "show-error": { type: "boolean", short: "S" },
  compressed: { type: "boolean" },
} as const;

export async function readArguments(argv: readonly string[], io: Io): Promise<Arguments> {
  const { values, positionals, tokens } = parse(argv);
  const [command = "help", ...rest] = positionals;
  const { header = [], head = false, network, state, output } = values;
  const data = tokens.flatMap(dataOf);
  if (network !== undefined && !NETWORKS.some((name) => name === network))
    throw usageError(`--network must be one of ${NETWORKS.join(", ")}.`);
  const chosenNetwork = () => networkFrom(network === undefined ? io.env : { L402_NETWORK: network });
  /** The file that the settings name, and the one to open. */
  const stateFiles = () => {
    const own = statePathFrom(io.env) ?? homeOf(chosenNetwork());
    // `tokens` spends nothing, so it may open any state file.
    const opened = state === undefined || command === "tokens" ? (state ?? own) : stateFileFor(state, own, io.env);
    return { own, opened };
  };
  const named = [
    ...data.flatMap(({ text, isFile }) => (isFile ? text : [])),
    ...(output === undefined ? [] : [output]),
  ];
  if (named.length > 0) {
    const states = [...Object.values(stateFiles()), ...NETWORKS.map(homeOf)].flatMap((path) => path ?? []);
    for (const path of named) checkNotOwn(path, states, io.env);
  }
  return {
    command,
    positionals: rest,
    json: values.json ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
    get network() {
      return chosenNetwork();
    },
    get statePath() {
      const { opened } = stateFiles();
      if (opened !== undefined) return opened;
      throw new L402Error("CONFIG_INVALID", "This user has no home folder to keep purchases in.", {
        hint: "Set L402_STATE to the path of a file.",
      });
    },
    request: await readRequest(
      { method: values.request ?? (head ? "HEAD" : undefined), headers: header, userAgent: values["user-agent"], data },
      io,
    ),
    include: values.include ?? head,
    output: output === "-" ? undefined : output,
    silent: values.silent ?? false,
    dryRun: values["dry-run"] ?? false,
    all: values.all ?? false,
    fail: values.fail ?? false,
    maxTimeMs: values["max-time"] === undefined ? undefined : seconds(values["max-time"]) * 1000,
    maxSats: values["max-sats"] === undefined ? undefined : sats(values["max-sats"]),
  };
}

/**
 * The default state file; `undefined` if there is no home folder. Each network has its own, so that play money does not
 * count against a budget of real money.
 */
function homeOf(network: Network): string | undefined {
  const name = network === "bitcoin" ? "client.json" : `client-${network}.json`;
  try {
    const home = homedir();
    // An empty HOME would mean the folder where the command runs, and in each folder every limit would start anew.
    return isAbsolute(home) ? join(home, ".l402", name) : undefined;
  } catch {
    return undefined;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true });
  } catch (error) {
    // The first sentence of Node's message is enough.
    const message = (error as Error).message.replace(/\. .*|\.?$/s, ".");
    throw usageError([message, insteadOf(/'(-[^']+)'/.exec(message)?.[1])].filter(Boolean).join(" "));
  }
}

/** Reads a data flag. The parts keep their typed order. Only --data-raw sends a leading @ as it is. */
function dataOf(token: { kind: string; name?: string; value?: string | undefined }): Data[] {
  const { kind, name, value = "" } = token;
  if (kind !== "option" || !/^data(-|$)/.test(name ?? "")) return [];
  const isFile = name !== "data-raw" && value.startsWith("@");
  return [{ text: isFile ? value.slice(1) : value, isFile, isBinary: name === "data-binary" }];
}

function sats(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageError("--max-sats needs a whole number of sats, such as 100.");
  return Number(text);
}

function seconds(text: string): number {
  const value = /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value <= 0) throw usageError("--max-time needs a number of seconds, such as 30 or 0.5.");
  return value;
}
