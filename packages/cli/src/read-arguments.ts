import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { networkFrom } from "@l402/config";
import { NETWORKS, type Network } from "@l402/core";
import type { Io } from "./io.ts";
import { checkNotOwn, stateFileFor } from "./own-files.ts";
import { type RequestArguments, readRequest } from "./read-request.ts";
import { usageError } from "./usage.ts";

export interface Arguments extends RequestArguments {
  command: string;
  positionals: string[];
  json: boolean;
  help: boolean;
  version: boolean;
  network: Network;
  statePath: string;
  include: boolean;
  output: string | undefined;
  silent: boolean;
  dryRun: boolean;
  all: boolean;
  maxSats: number | undefined;
}

const OPTIONS = {
  request: { type: "string", short: "X" },
  header: { type: "string", short: "H", multiple: true },
  data: { type: "string", short: "d", multiple: true },
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
} as const;

export async function readArguments(argv: readonly string[], io: Io): Promise<Arguments> {
  const { values, positionals } = parse(argv);
  const [command = "help", ...rest] = positionals;
  const { request, header = [], data = [], network, state } = values;
  const chosen = networkFrom(network === undefined ? io.env : { L402_NETWORK: network });
  const ownState = io.env.L402_STATE || homeOf(chosen);
  // What lists and forgets spends nothing.
  const statePath =
    state === undefined || command === "tokens" ? (state ?? ownState) : stateFileFor(state, ownState, io.env);
  const states = [statePath, ownState, ...NETWORKS.map(homeOf)];
  for (const path of data) if (path.startsWith("@")) checkNotOwn(path.slice(1), states, io.env);
  if (values.output !== undefined) checkNotOwn(values.output, states, io.env);
  return {
    command,
    positionals: rest,
    json: values.json ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
    network: chosen,
    statePath,
    request: await readRequest({ method: request, headers: header, data }, io),
    include: values.include ?? false,
    output: values.output,
    silent: values.silent ?? false,
    dryRun: values["dry-run"] ?? false,
    all: values.all ?? false,
    maxSats: values["max-sats"] === undefined ? undefined : sats(values["max-sats"]),
  };
}

/** Play money counts against no budget of real money, and is paid by another wallet. */
const homeOf = (network: Network) =>
  join(homedir(), ".l402", network === "bitcoin" ? "client.json" : `client-${network}.json`);

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The first sentence says it.
    throw usageError((error as Error).message.replace(/\. .*|$/s, "."));
  }
}

function sats(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageError("--max-sats takes a whole number of sats, such as 100.");
  return Number(text);
}
