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
  /** How long a request waits for the provider before it is answered 503. Default 3. */
  providerTimeoutSeconds?: number | undefined;
  /** What browsers show in place of problem JSON: `paywallPage()` of `@l402/paywall-page`. */
  page?: PaywallPage | undefined;
  /** Told of every offer, use, refusal and failure, for logs and metrics. What it throws changes nothing. */
  onEvent?: ((event: PaywallEvent) => void) | undefined;
  /** What time it is, for tests. Default the system's clock. */
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
  /** Absent where nobody listens, so that no event is made. */
  emit: Emit | undefined;
  clock: Clock;
}

const NAMES = [
  "provider",
  "secret",
  "useStore",
  "network",
  "tokenFormat",
  "paymentLog",
  "challengeLimiter",
  "clientKey",
  "challengeOnInvalid",
  "invoiceExpiresInSeconds",
  "providerTimeoutSeconds",
  "page",
  "onEvent",
  "clock",
] as const satisfies readonly (keyof PaywallOptions)[];

/** Throws CONFIG_INVALID that names the option and the fix. There is no fallback for a provider, a secret or a store. */
export function checkOptions(options: PaywallOptions): PaywallSettings {
  refuseUnknownOptions("createPaywall", options, NAMES);
  const { provider, useStore, network = "bitcoin", paymentLog = [], challengeLimiter, clock = systemClock } = options;
  const {
    invoiceExpiresInSeconds = 600,
    providerTimeoutSeconds = 3,
    tokenFormat = signedJsonFormat(),
    clientKey,
    challengeOnInvalid = false,
    page,
  } = options;

  const logs = Array.isArray(paymentLog) ? (paymentLog as PaymentLog[]) : [paymentLog as PaymentLog];
  checkOption(
    hasMethods(provider, "createInvoice", "lookupInvoice") && typeof provider.preimageProvesPayment === "boolean",
    "provider",
    "a LightningProvider",
  );
  checkOption(hasMethods(useStore, "consume", "release"), "useStore", "a UseStore, such as createMemoryUseStore()");
  checkOption(NETWORKS.includes(network), "network", `one of ${NETWORKS.join(", ")}`);
  checkOption(
    logs.every((log) => hasMethods(log, "record")),
    "paymentLog",
    "a PaymentLog or a list",
  );
  checkOption(
    !challengeLimiter || hasMethods(challengeLimiter, "take"),
    "challengeLimiter",
    "a ChallengeLimiter or false",
  );
  checkOption(hasMethods(tokenFormat, "mint", "authenticate"), "tokenFormat", "a TokenFormat");
  checkOption(typeof challengeOnInvalid === "boolean", "challengeOnInvalid", "true or false");
  checkOption(clientKey === undefined || typeof clientKey === "function", "clientKey", "a function");
  checkOption(page === undefined || hasMethods(page, "open"), "page", "a PaywallPage");
  checkOption(typeof clock === "function", "clock", "a function");
  checkOption(
    invoiceExpiresInSeconds >= 10 && invoiceExpiresInSeconds <= 86_400,
    "invoiceExpiresInSeconds",
    "from 10 to 86 400",
  );
  checkOption(
    providerTimeoutSeconds > 0 && providerTimeoutSeconds <= 60,
    "providerTimeoutSeconds",
    "above 0, at most 60",
  );

  return {
    provider,
    useStore,
    format: tokenFormat,
    keys: createKeyRing(options.secret),
    network,
    logs,
    limiter: challengeLimiter === false ? undefined : (challengeLimiter ?? createMemoryChallengeLimiter({ clock })),
    clientKey: (request) => (clientKey ? clientKey(request) : request.clientKey?.())?.toString(),
    challengeOnInvalid,
    invoiceExpiresInSeconds: Math.floor(invoiceExpiresInSeconds),
    providerTimeoutSeconds,
    page,
    emit: options.onEvent && safely(options.onEvent),
    clock,
  };
}

const hasMethods = (value: unknown, ...names: string[]) =>
  names.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function");
