import {
  type ClientStore,
  type Clock,
  checkOption,
  type Fetch,
  type LightningWallet,
  NETWORKS,
  type Network,
  refuseUnknownOptions,
} from "@l402/core";
import type { L402Payment, Quote } from "./l402-client.ts";
import { type BudgetLimits, type CheckedLimits, checkBudget, isLimit } from "./payment/budget.ts";
import { createMemoryClientStore } from "./state/memory-client-store.ts";
import { openStateStore, type StateStore } from "./state/state-store.ts";

export interface L402ClientOptions {
  /** Pays the invoices, with its owner's money. */
  wallet: LightningWallet;
  /** Limits of spending. Default: 1000 sats for one request, and no other limit. */
  budget?: BudgetLimits | undefined;
  /** The network of the wallet. Default "bitcoin". */
  network?: Network | undefined;
  /** The highest fee of a payment, in sats. Default 1 % of the amount, at least 10 sats; always within the budget. */
  maxFeeSats?: number | undefined;
  /** How long the wallet may try to pay. Default 60. */
  paymentTimeoutSeconds?: number | undefined;
  /** Keeps credentials, payments and spending. Default in memory; `createFileClientStore` survives a restart. */
  store?: ClientStore | undefined;
  /** Origins that may be paid over plain HTTP although they are not on this computer. */
  insecureOrigins?: readonly string[] | undefined;
  /** Checks an invoice before it is paid, and throws to refuse it: `pinPayees` is one. */
  checkInvoice?: ((invoice: { origin: string; bolt11: string }) => Promise<void> | void) | undefined;
  /** Asked before every payment, such as a person. Anything but `true` declines. */
  approve?: ((quote: Quote) => Promise<boolean> | boolean) | undefined;
  /** Called for every sound challenge, before the client decides whether to pay. */
  onChallenge?: ((quote: Quote) => void) | undefined;
  /** Called once for every payment, when its preimage has arrived. */
  onPayment?: ((payment: L402Payment) => void) | undefined;
  /** Called with every error that `fetch` throws, and with problems that do not make a request fail. */
  onError?: ((error: unknown) => void) | undefined;
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: Fetch | undefined;
  /** Tells the time, for tests. Default: the system's clock. */
  clock?: Clock | undefined;
}

const FUNCTIONS = ["checkInvoice", "approve", "onChallenge", "onPayment", "onError", "fetch", "clock"] as const;
const NAMES = [
  "wallet",
  "budget",
  "network",
  "maxFeeSats",
  "paymentTimeoutSeconds",
  "store",
  "insecureOrigins",
  ...FUNCTIONS,
] as const satisfies readonly (keyof L402ClientOptions)[];

export interface ClientSettings extends Omit<L402ClientOptions, "budget" | "store"> {
  limits: CheckedLimits;
  network: Network;
  paymentTimeoutSeconds: number;
  store: StateStore;
  insecureOrigins: readonly string[];
  fetch: Fetch;
  /** This client, among those that share the store. */
  owner: string;
  now(): number;
  /** Calls a hook of the user. If the hook throws, the error is reported and the request goes on. */
  tell(hook: () => unknown): void;
  /** Reports a problem that does not make a request fail. */
  report(error: unknown): void;
}

export function checkClientOptions(options: L402ClientOptions): ClientSettings {
  refuseUnknownOptions("createL402Client", options, NAMES);
  const { wallet, network = "bitcoin", maxFeeSats, paymentTimeoutSeconds = 60, clock = () => new Date() } = options;
  const { insecureOrigins = [], store = createMemoryClientStore() } = options;
  const check = (isValid: boolean, name: string, expected: string) =>
    checkOption(isValid, `createL402Client: ${name}`, expected);
  for (const name of FUNCTIONS) {
    check(options[name] === undefined || typeof options[name] === "function", name, "a function");
  }
  const isWallet = typeof wallet?.payInvoice === "function" && typeof wallet.lookupPayment === "function";
  check(isWallet, "wallet is missing or a provider. It", "a wallet such as createAlbyWallet({ url })");
  check(NETWORKS.includes(network), "network", `one of ${NETWORKS.join(", ")}`);
  const isStore = typeof store?.read === "function" && typeof store.update === "function";
  check(isStore, "store", "a client store such as createFileClientStore({ path })");
  check(isLimit(maxFeeSats), "maxFeeSats", "a whole number of sats");
  check(
    typeof paymentTimeoutSeconds === "number" && paymentTimeoutSeconds >= 1 && paymentTimeoutSeconds <= 600,
    "paymentTimeoutSeconds",
    "a number from 1 to 600",
  );
  check(
    Array.isArray(insecureOrigins) &&
      insecureOrigins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    "insecureOrigins",
    "a list of origins, without paths",
  );
  // An async function calls the hook at once, and turns what a synchronous hook throws into a rejection.
  const call = async (hook: () => unknown) => hook();
  const report = (error: unknown) => void call(() => options.onError?.(error)).catch(() => {});
  const tell = (hook: () => unknown) => void call(hook).catch(report);
  return {
    ...options,
    limits: checkBudget(options.budget),
    network,
    paymentTimeoutSeconds,
    insecureOrigins,
    store: openStateStore(store),
    // The global fetch is looked up for every request, because a program may replace it later. It needs its `this`.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    owner: String(Math.random()),
    now: () => clock().getTime(),
    tell,
    report,
  };
}
