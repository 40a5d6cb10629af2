import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { NETWORKS, type Network } from "@l402/core";
import type { Io } from "./io.ts";
import { usageError } from "./usage.ts";

export interface Arguments {
  command: string;
  positionals: string[];
  json: boolean;
  help: boolean;
  network: Network;
  statePath: string;
  request: { method: string; headers: [string, string][]; body: string | Uint8Array<ArrayBuffer> | undefined };
  include: boolean;
  output: string | undefined;
  silent: boolean;
  dryRun: boolean;
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
  json: { type: "boolean" },
  network: { type: "string" },
  state: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export function readArguments(argv: readonly string[], io: Io): Arguments {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  const [command = "help", ...rest] = positionals;
  const network = values.network ?? io.env.L402_NETWORK ?? "bitcoin";
  if (!NETWORKS.includes(network as Network)) throw usageError(`--network is one of ${NETWORKS.join(", ")}.`);
  const body = bodyOf(values.data ?? []);
  const headers = (values.header ?? []).map(headerOf);
  if (body !== undefined && !headers.some(([name]) => name.toLowerCase() === "content-type")) {
    headers.push(["content-type", "application/x-www-form-urlencoded"]);
  }
  return {
    command,
    positionals: rest,
    json: values.json ?? false,
    help: values.help ?? false,
    network: network as Network,
    statePath: values.state ?? io.env.L402_STATE ?? join(homedir(), ".l402", "client.json"),
    request: { method: values.request ?? (body === undefined ? "GET" : "POST"), headers, body },
    include: values.include ?? false,
    output: values.output,
    silent: values.silent ?? false,
    dryRun: values["dry-run"] ?? false,
    maxSats: values["max-sats"] === undefined ? undefined : sats(values["max-sats"], "--max-sats"),
  };
}

/** A number of sats from a text. */
export function sats(text: string, name: string): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || !Number.isSafeInteger(value)) throw usageError(`${name} is a whole number of sats.`);
  return value;
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 1) throw usageError('A header is written as "Name: value".');
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

function bodyOf(parts: readonly string[]): string | Uint8Array<ArrayBuffer> | undefined {
  const [only, ...more] = parts;
  if (only === undefined) return undefined;
  if (more.length === 0 && only.startsWith("@")) return new Uint8Array(readFileSync(only.slice(1)));
  return parts.join("&");
}

/** The one URL that a command is about. */
export function urlOf({ command, positionals }: Arguments): URL {
  const [text, ...more] = positionals;
  if (text === undefined || more.length > 0) throw usageError(`l402 ${command} takes one URL.`);
  const url = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw usageError(`${text} is not a web address.`);
  return new URL(url);
}
