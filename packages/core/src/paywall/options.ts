import { NETWORKS, type Network } from "@l402/bolt11";
import { checkOption, refuseUnknownOptions } from "../check-option.ts";
import { L402Error } from "../errors.ts";
import type { ChallengeLimiter } from "../interfaces/challenge-limiter.ts";
import { type Clock, systemClock } from "../interfaces/clock.ts";
import type { LightningProvider } from "../interfaces/lightning-provider.ts";
import type { PaymentLog } from "../interfaces/payment-log.ts";
import type { PaywallPage } from "../interfaces/paywall-page.ts";
import type { TokenFormat } from "../interfaces/token-format.ts";
import type { UseStore } from "../interfaces/use-store.ts";
import { createMemoryChallengeLimiter } from "../memory-challenge-limiter.ts";
import { createKeyRing, type KeyRing, type Secret } from "../token/key-ring.ts";
import { signedJsonFormat } from "../token/signed-json/signed-json-format.ts";
import { createFailurePrinter, type Emit, type PaywallEvent, safely } from "./events.ts";
import { asL402Error } from "./failure.ts";
import type { PaywallRequest } from "./paywall.ts";

export interface PaywallOptions {
  /** Creates the invoices and receives the money. */
  provider: LightningProvider;
  /** Signs the tokens. At least 32 bytes, and the same on every server. A list of secrets rotates keys. */
  secret: Secret | undefined;
  /** Counts uses: `createMemoryUseStore()` for one process, a shared store for several. */
  useStore: UseStore;
  /** The network that invoices must be on. Default "bitcoin", real money. */
  network?: Network | undefined;
  /** Writes and verifies the tokens. Default `signedJsonFormat()`. */
  tokenFormat?: TokenFormat | undefined;
  /** Records the payments. One log, or a list of logs. */
  paymentLog?: PaymentLog | readonly PaymentLog[] | undefined;
  /**
   * Limits how many invoices clients get without paying. Default `createMemoryChallengeLimiter()`; `false` if a proxy
   * in front of this server limits requests.
   */
  challengeLimiter?: ChallengeLimiter | false | undefined;
  /**
   * Tells clients apart for the limiter, for example by a header of your proxy. Default: the IP address, if the adapter
   * knows it.
   */
  clientKey?: ((request: PaywallRequest) => ReturnType<PaywallRequest["header"]>) | undefined;
  /**
   * Answers a malformed or forged credential with a 402 and an invoice, as Aperture does, instead of a 401. Default
   * false.
   */
  challengeOnInvalid?: boolean | undefined;
  /** How long a buyer has to pay. Default 600. */
  invoiceExpiresInSeconds?: number | undefined;
  /** How long a request waits for the provider before it is answered 503. Default 3. */
  providerTimeoutSeconds?: number | undefined;
  /** Shows browsers a page instead of problem JSON: `paywallPage()` of `@l402/paywall-page`. */
  page?: PaywallPage | undefined;
  /**
   * Receives every offer, use, refusal and failure, for logs and metrics. An error that it throws is ignored. Default:
   * failures are printed with `console.error`, each kind once a minute.
   */
  onEvent?: ((event: PaywallEvent) => void) | undefined;
  /**
   * For serverless platforms: a function that keeps the instance alive until a promise settles, such as `waitUntil` of
   * `cloudflare:workers` or `@vercel/functions`. Then neither a client that leaves nor the end of the answer cuts off
   * what a request still has to do.
   */
  waitUntil?: WaitUntil | undefined;
  /** Tells the time, for tests. Default: the system's clock. */
  clock?: Clock | undefined;
}

type WaitUntil = (promise: Promise<unknown>) => void;

/** The options, all checked, with every default filled in. */
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
  /** Absent if there is no `onEvent`, so that no event is built. */
  emit: Emit | undefined;
  /** For what the seller has to know even without `onEvent`. */
  report: Emit;
  waitUntil: WaitUntil | undefined;
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
  "waitUntil",
  "clock",
] as const satisfies readonly (keyof PaywallOptions)[];

/**
 * Checks the options. Throws CONFIG_INVALID, which names the option and the fix. Provider, secret and store have no
 * default.
 */
export function checkOptions(options: PaywallOptions): PaywallSettings {
  refuseUnknownOptions("createPaywall", options, NAMES);
  const {
    provider,
    useStore,
    network = "bitcoin",
    paymentLog = [],
    clock = systemClock,
    challengeLimiter = createMemoryChallengeLimiter({ clock }),
    invoiceExpiresInSeconds = 600,
    providerTimeoutSeconds = 3,
    tokenFormat = signedJsonFormat(),
    clientKey = (request) => request.clientKey?.(),
    challengeOnInvalid = false,
    page,
    onEvent,
    waitUntil,
  } = options;

  const check = (isValid: boolean, name: string, expected: string) =>
    checkOption(isValid, `createPaywall: ${name}`, expected);
  const logs = [paymentLog].flat();
  check(
    hasMethods(provider, "createInvoice", "lookupInvoice") && typeof provider.preimageProvesPayment === "boolean",
    "provider is missing or a wallet. It",
    "a provider such as createLnd()",
  );
  check(hasMethods(useStore, "consume", "release"), "useStore", "a UseStore such as createMemoryUseStore()");
  check(NETWORKS.includes(network), "network", `one of ${NETWORKS.join(", ")}`);
  check(
    logs.every((log) => hasMethods(log, "record")),
    "paymentLog",
    "a PaymentLog, or a list of them",
  );
  check(
    challengeLimiter === false || hasMethods(challengeLimiter, "take"),
    "challengeLimiter",
    "a ChallengeLimiter or false",
  );
  check(hasMethods(tokenFormat, "mint", "authenticate"), "tokenFormat", "a TokenFormat");
  check(typeof challengeOnInvalid === "boolean", "challengeOnInvalid", "true or false");
  check(page === undefined || hasMethods(page, "open"), "page", "a page such as paywallPage()");
  for (const [name, value] of Object.entries({ clientKey, onEvent, waitUntil, clock }))
    check(value === undefined || typeof value === "function", name, "a function");
  check(
    invoiceExpiresInSeconds >= 10 && invoiceExpiresInSeconds <= 86_400,
    "invoiceExpiresInSeconds",
    "a number from 10 to 86400",
  );
  check(
    providerTimeoutSeconds > 0 && providerTimeoutSeconds <= 60,
    "providerTimeoutSeconds",
    "a number above 0, at most 60",
  );

  return {
    provider,
    useStore,
    format: tokenFormat,
    keys: createKeyRing(options.secret),
    network,
    logs,
    limiter: challengeLimiter || undefined,
    clientKey: (request) => {
      try {
        const key = clientKey(request);
        // Without types it can be a promise, whose text is the same for all clients.
        if ((key as { then?: unknown } | null | undefined)?.then)
          throw new L402Error("INTERNAL", "The option clientKey returned a promise.");
        return key?.toString();
      } catch (error) {
        throw asL402Error(error, { what: "The option clientKey", code: "INTERNAL" });
      }
    },
    challengeOnInvalid,
    invoiceExpiresInSeconds: Math.floor(invoiceExpiresInSeconds),
    providerTimeoutSeconds,
    page,
    emit: onEvent && safely(onEvent),
    report: safely(onEvent ?? createFailurePrinter(clock)),
    waitUntil: waitUntil && safely(waitUntil),
    clock,
  };
}

const hasMethods = (value: unknown, ...names: string[]) =>
  names.every((name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === "function");
