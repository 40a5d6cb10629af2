import { type Clock, L402Error, refuseUnknownOptions } from "@l402/core";
import type { RoutingFee } from "./node-config.ts";
import type { Log } from "./node-logger.ts";

export interface RegtestOptions<Name extends string = string> {
  /** The names of two or more nodes in a line: each has a channel to the next. Default "buyer" and "seller". */
  nodes?: readonly Name[];
  /** The size of every channel in sats. All of it belongs to the left node at first. Default 10 000 000. */
  channelSats?: number;
  /** The fee of the nodes in the middle for a payment. Default 1000 msat and one millionth of the amount. */
  routingFee?: RoutingFee;
  /** The clock that decides when invoices are created and when they expire. Default: the system's clock. */
  clock?: Clock;
  /** Called with each line of the nodes' logs, without secrets. Default: no logging. */
  log?: Log;
}

/** The options with all defaults filled in. */
export interface RegtestSettings {
  nodes: readonly string[];
  channelSats: number;
  routingFee: RoutingFee;
  clock: Clock;
  log: Log | undefined;
}

const KNOWN = ["nodes", "channelSats", "routingFee", "clock", "log"];
const SMALLEST_CHANNEL_SATS = 20_000;
const LARGEST_CHANNEL_SATS = 1_000_000_000;

/** Fills in the defaults. Throws CONFIG_INVALID if no regtest can start with the options. */
export function checkRegtestOptions(options: RegtestOptions): RegtestSettings {
  refuseUnknownOptions("startRegtest", options, KNOWN);

  const { nodes = ["buyer", "seller"], channelSats = 10_000_000, clock = () => new Date(), log } = options;
  const routingFee = { baseMsat: 1000, proportionalMillionths: 1, ...options.routingFee };
  if (nodes.length < 2 || new Set(nodes).size < nodes.length || nodes.some((name) => !/\S/.test(name)))
    throw invalid("nodes", "must be two or more names, all different");
  if (!isWhole(channelSats, SMALLEST_CHANNEL_SATS, LARGEST_CHANNEL_SATS))
    throw invalid("channelSats", `must be a whole number from ${SMALLEST_CHANNEL_SATS} to ${LARGEST_CHANNEL_SATS}`);
  for (const [name, value] of Object.entries(routingFee)) {
    if (!isWhole(value, 0, 2 ** 32 - 1)) throw invalid(`routingFee.${name}`, "must be a whole number from 0");
  }
  if (typeof clock !== "function") throw invalid("clock", "must be a function that returns a Date");
  return { nodes, channelSats, routingFee, clock, log };
}

const isWhole = (value: number, from: number, to: number) => Number.isInteger(value) && value >= from && value <= to;

const invalid = (name: string, demand: string) => new L402Error("CONFIG_INVALID", `startRegtest: ${name} ${demand}.`);
