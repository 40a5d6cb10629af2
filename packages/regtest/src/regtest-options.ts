import { type Clock, checkOption, refuseUnknownOptions } from "@l402/core";
import type { RoutingFee } from "./node-config.ts";
import type { Log } from "./node-logger.ts";

export interface RegtestOptions<Name extends string = string> {
  /** The names of two or more nodes in a line: each has a channel to the next. Default "buyer" and "seller". */
  nodes?: readonly Name[] | undefined;
  /** The size of every channel in sats. All of it belongs to the left node at first. Default 10 000 000. */
  channelSats?: number | undefined;
  /** The fee of the nodes in the middle for a payment. Default 1000 msat and one millionth of the amount. */
  routingFee?: RoutingFee | undefined;
  /** The clock that decides when invoices are created and when they expire. Default: the system's clock. */
  clock?: Clock | undefined;
  /** Called with each line of the nodes' logs, without secrets. Default: no logging. */
  log?: Log | undefined;
}

/** The options with all defaults filled in. */
interface RegtestSettings {
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
  const fees = { baseMsat: 1000, proportionalMillionths: 1 };
  refuseUnknownOptions("startRegtest: routingFee", options.routingFee ?? {}, Object.keys(fees));
  const routingFee = { ...fees, ...options.routingFee };
  const areNames = Array.isArray(nodes) && nodes.every((name) => typeof name === "string" && /\S/.test(name));
  check(
    areNames && nodes.length > 1 && new Set(nodes).size === nodes.length,
    "nodes",
    "two or more names, all different",
  );
  check(
    isWhole(channelSats, SMALLEST_CHANNEL_SATS, LARGEST_CHANNEL_SATS),
    "channelSats",
    `a whole number from ${SMALLEST_CHANNEL_SATS} to ${LARGEST_CHANNEL_SATS}`,
  );
  for (const [name, value] of Object.entries(routingFee)) {
    check(isWhole(value, 0, 2 ** 32 - 1), `routingFee.${name}`, "a whole number from 0");
  }
  check(typeof clock === "function", "clock", "a function that returns a Date");
  check(log === undefined || typeof log === "function", "log", "a function that takes a line");
  return { nodes, channelSats, routingFee, clock, log };
}

const check = (isGood: boolean, name: string, expected: string) =>
  checkOption(isGood, `startRegtest: ${name}`, expected);

const isWhole = (value: number, from: number, to: number) => Number.isInteger(value) && value >= from && value <= to;
