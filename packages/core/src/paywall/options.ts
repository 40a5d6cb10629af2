import { NETWORKS, type Network } from "@l402/bolt11";
import { checkOption } from "../check-option.ts";
import type { ChallengeLimiter } from "../interfaces/challenge-limiter.ts";
import { type Clock, systemClock } from "../interfaces/clock.ts";
import type { LightningProvider } from "../interfaces/lightning-provider.ts";
import type { PaymentLog } from "../interfaces/payment-log.ts";
import type { PaywallPage } from "../interfaces/paywall-page.ts";
import type { TokenFormat } from "../interfaces/token-format.ts";
import type { UseStore } from "../interfaces/use-store.ts";
import { refuseUnknownOptions } from "../known-options.ts";
import { createMemoryChallengeLimiter } from "../memory-challenge-limiter.ts";
import { createKeyRing, type KeyRing, type Secret } from "../token/key-ring.ts";
import { signedJsonFormat } from "../token/signed-json/signed-json-format.ts";
import { type Emit, type PaywallEvent, safely } from "./events.ts";
import type { PaywallRequest } from "./paywall.ts";

export interface PaywallOptions {
  /** Creates the invoices; the money goes there. */
  provider: LightningProvider;
  /** Signs the tokens. At least 32 bytes, the same on every server; a list rotates keys. */
  secret: Secret | undefined;
  /** Counts uses. `createMemoryUseStore()` for one process, a shared store for several. */
  useStore: UseStore;
  /** The network that invoices must be on. Default "bitcoin", real money. */
  network?: Network | undefined;
  /** Default `signedJsonFormat()`. */
  tokenFormat?: TokenFormat | undefined;
  /** Where payments are written down. */
  paymentLog?: PaymentLog | readonly PaymentLog[] | undefined;
  /** Default `createMemoryChallengeLimiter()`; `false` when something in front of this server limits requests. */
  challengeLimiter?: ChallengeLimiter | false | undefined;
  /** Tells clients apart for the limiter, such as by a header of your proxy. Default: what the adapter knows, the IP. */
  clientKey?: ((request: PaywallRequest) => ReturnType<PaywallRequest["header"]>) | undefined;
  /** Answers a malformed or forged credential with a 402 and an invoice, as Aperture does, and not with a 401. */
  challengeOnInvalid?: boolean | undefined;
  /** How long a buyer has to pay. Default 600. */
  invoiceExpiresInSeconds?: number | undefined;
  /** Default 3. */
  providerTimeoutSeconds?: number | undefined;
  /** What browsers show in place of problem JSON: `paywallPage()` of `@l402/paywall-page`. */
  page?: PaywallPage | undefined;
  onEvent?: ((event: PaywallEvent) => void) | undefined;
  clock?: Clock | undefined;
}

/** The options with everything checked and every default filled in. */
export interface PaywallSettings {
  provider: LightningProvider;
  useStore: UseStore;
  format: TokenFormat;
  keys: KeyRing;
  network: Network;
  logs: readonly PaymentLog[];
  limiter: ChallengeLimiter | undefined;
  clientKey: (request: PaywallRequest) => string | undefined;
  challengeOnInvalid: boolean;
  invoiceExpiresInSeconds: number;
  providerTimeoutSeconds: number;
  page: PaywallPage | undefined;
  emit: Emit;
  clock: Clock;
}

/** What the secret is, and whether it is strong, the key ring checks. */
const RULES: OptionRules<PaywallOptions> = {
  provider: [
    (value) => hasMethods(value, "createInvoice", "lookupInvoice") && typeof value.preimageProvesPayment === "boolean",
    "a LightningProvider",
  ],
  secret: [() => true, ""],
  useStore: [(value) => hasMethods(value, "consume", "release"), "a UseStore, such as createMemoryUseStore()"],
  network: [(value = "bitcoin") => NETWORKS.includes(value), `one of ${NETWORKS.join(", ")}`],
  tokenFormat: [(value) => !value || hasMethods(value, "mint", "authenticate"), "a TokenFormat"],
  paymentLog: [(value) => listOf(value).every((log) => hasMethods(log, "record")), "a PaymentLog or a list"],
  challengeLimiter: [(value) => !value || hasMethods(value, "take"), "a ChallengeLimiter or false"],
  clientKey: [isFunction, "a function"],
  challengeOnInvalid: [(value = false) => value === true || value === false, "true or false"],
  invoiceExpiresInSeconds: [(value = 600) => value >= 10 && value <= 86_400, "from 10 to 86 400"],
  providerTimeoutSeconds: [(value = 3) => value > 0 && value <= 60, "above 0, at most 60"],
  page: [(value) => !value || hasMethods(value, "open"), "a PaywallPage"],
  onEvent: [isFunction, "a function"],
  clock: [isFunction, "a function"],
};

/** Throws CONFIG_INVALID that names the option and the fix. There is no fallback for a provider, a secret or a store. */
export function checkOptions(options: PaywallOptions): PaywallSettings {
  check("createPaywall", options, RULES);
  const { provider, useStore, network = "bitcoin", paymentLog, challengeLimiter, clock = systemClock } = options;
  const {
    invoiceExpiresInSeconds = 600,
    providerTimeoutSeconds = 3,
    tokenFormat = signedJsonFormat(),
    clientKey,
    challengeOnInvalid = false,
    page,
  } = options;

  return {
    provider,
    useStore,
    format: tokenFormat,
    keys: createKeyRing(options.secret),
    network,
    logs: listOf(paymentLog),
    limiter: challengeLimiter === false ? undefined : (challengeLimiter ?? createMemoryChallengeLimiter({ clock })),
    clientKey: (request) => (clientKey ? clientKey(request) : request.clientKey?.())?.toString(),
    challengeOnInvalid,
    invoiceExpiresInSeconds: Math.floor(invoiceExpiresInSeconds),
    providerTimeoutSeconds,
    page,
    emit: safely(options.onEvent),
    clock,
  };
}

const hasMethods = (value: unknown, ...names: string[]) =>
  names.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function");

const isFunction = (value: unknown) => value === undefined || typeof value === "function";
const listOf = (logs: PaywallOptions["paymentLog"]) => [logs ?? []].flat() as PaymentLog[];
type OptionRules<Options> = {
  readonly [Name in keyof Options]-?: readonly [isValid: (value: Options[Name]) => boolean, expected: string];
};
function check<Options extends object>(owner: string, options: Options, rules: OptionRules<Options>): void {
  refuseUnknownOptions(owner, options, Object.keys(rules));
  for (const name of Object.keys(rules) as (keyof Options & string)[]) {
    const [isValid, expected] = rules[name];
    checkOption(isValid(options[name]), name, expected);
  }
}
