import { type Clock, checkOption, type LightningProvider, type LightningWallet, type Network } from "@l402/core";
import type { Database } from "./database/database.ts";

export interface ServiceOptions {
  database: Database;
  /** The node that is paid. What it tells as `receivedMsat` of a settled invoice is credited, else the amount. */
  provider: LightningProvider;
  /** The same node's wallet: payouts leave from here. */
  wallet: LightningWallet;
  network: Network;
  /** The node's public key: its own invoices are not paid. Those that the service made are never paid. */
  nodeId?: string;
  /** What the node can spend. Default the wallet's word; where it has none, solvency is checked by the ledger alone. */
  nodeBalanceMsat?: (() => number | Promise<number>) | undefined;
  /** A balance from which it is paid out. Default 1 000 sats. */
  payoutThresholdMsat?: number;
  /** The least time between two payouts to one merchant. Default an hour. */
  payoutIntervalSeconds?: number;
  /**
   * How many payouts in a row may fail before they stop until the merchant resumes them; without an account they go on, once a
   * day. Default 10.
   */
  payoutAttempts?: number;
  /** How long an address stays the old one after a change. Default 24 hours. */
  addressHoldSeconds?: number;
  /** How often all balances are signed. Default once a day. */
  balanceRootSeconds?: number;
  /** No new invoices for a merchant above this. Default 1 000 000 sats. */
  balanceCapMsat?: number;
  /** Default 1 000 000 sats. */
  maxInvoiceMsat?: number;
  /** How much a merchant in direct mode may owe before new invoices wait for its bill. Default 1 000 sats. */
  creditMsat?: number;
  /**
   * Of each merchant, and of each client without a key; a client with several merchants' keys has four times as many for
   * all of them. Default 50, and four times that at once.
   */
  requestsPerSecond?: number;
  /** Asks hosts that are not on the internet, over HTTP: for development and tests. */
  allowPrivateHosts?: boolean;
  /** Hears of what the operator must look at. It is in the notices as well. */
  onAlarm?(text: string): void;
  clock?: Clock;
  /** For tests: called between any two steps that a crash could come between. */
  onStep?(step: Step): void | Promise<void>;
}

export type Step =
  | "invoice-made"
  | "invoice-bound"
  | "settlement-seen"
  | "settlement-credited"
  | "payout-reserved"
  | "payout-invoiced"
  | "payout-sending"
  | "payout-sent"
  | "payout-ended";

export type Settings = ReturnType<typeof checkSettings>;

const SATS = 1_000;
const DAY = 86_400;

const balanceOf = ({ balanceMsat }: LightningWallet) =>
  balanceMsat && (() => balanceMsat({ signal: AbortSignal.timeout(10_000) }));

/** The options, checked, with what was left out. */
export function checkSettings(options: ServiceOptions) {
  const settings = {
    payoutThresholdMsat: 1_000 * SATS,
    payoutIntervalSeconds: 3_600,
    payoutAttempts: 10,
    addressHoldSeconds: DAY,
    balanceRootSeconds: DAY,
    balanceCapMsat: 1_000_000 * SATS,
    maxInvoiceMsat: 1_000_000 * SATS,
    creditMsat: 1_000 * SATS,
    requestsPerSecond: 50,
    allowPrivateHosts: false,
    clock: (() => new Date()) as Clock,
    onAlarm: (text: string) => console.error(text),
    onStep: (() => {}) as (step: Step) => void | Promise<void>,
    ...options,
    nodeBalanceMsat: options.nodeBalanceMsat ?? balanceOf(options.wallet),
  };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== "number") continue;
    checkOption(Number.isSafeInteger(value) && value >= 0, `createService: ${name}`, "a whole number from 0");
  }
  // SECURITY: tokens would be opened by preimages that anybody can read (create-service.test.ts, "shows preimages before").
  checkOption(
    settings.provider.preimageProvesPayment,
    "createService: provider",
    "one that reveals a preimage only after the payment, because buyers prove their payments with preimages",
  );
  return settings;
}
