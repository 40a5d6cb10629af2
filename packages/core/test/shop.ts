import { type FakeLightningOptions, fakeClock, fakeLightning } from "@l402/testing";
import { expect } from "vitest";
import {
  createMemoryUseStore,
  createPaywall,
  type Decision,
  type Denied,
  formatCredential,
  type Granted,
  type PaywallEvent,
  type PaywallOptions,
  type PaywallRequest,
  parseChallenges,
  type Terms,
} from "../src/index.ts";

export const SECRET = "a secret for tests, at least 32 bytes long";

interface Asked {
  method?: string;
  authorization?: string | readonly string[] | undefined;
  headers?: Record<string, string>;
  clientKey?: string;
}

export const request = (path: string, { method = "GET", authorization, headers = {}, clientKey }: Asked = {}) =>
  ({
    method,
    path,
    header: (name) => (name === "authorization" ? authorization : headers[name]),
    clientKey: () => clientKey,
  }) satisfies PaywallRequest;

/** A paywall on a fake Lightning node, and a buyer who takes the usual way: get a 402, pay, retry. */
export function openShop(options: Partial<PaywallOptions> = {}, node: FakeLightningOptions = {}) {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock, ...node });
  const events: PaywallEvent[] = [];
  const settings: PaywallOptions = {
    provider: lightning.provider,
    secret: SECRET,
    useStore: createMemoryUseStore({ clock }),
    network: "regtest",
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  };
  const paywall = createPaywall(settings);

  /** Pays the invoice of a 402. Returns the Authorization header for the retry. */
  const pay = async (decision: Decision): Promise<string> => {
    const { token, invoice } = offerOf(decision);
    const result = await lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 });
    if (result.status !== "paid") throw new Error(`the payment is ${result.status}`);
    return formatCredential(token, result.preimage);
  };

  return {
    clock,
    lightning,
    events,
    settings,
    paywall,
    pay,
    /** A second server of the same shop, with the same secret and store. */
    open: (other: Partial<PaywallOptions> = {}) => createPaywall({ ...settings, ...other }),
    /** Gets a 402 for `path` and pays. Returns the Authorization header. */
    buy: async (path: string, terms: Terms, asked: Asked = {}) => pay(await paywall.gate(terms)(request(path, asked))),
  };
}

export function denied(decision: Decision, code?: string): Denied {
  expect(decision.outcome).toBe("denied");
  if (code) expect((decision as Denied).error.code).toBe(code);
  return decision as Denied;
}

export function granted(decision: Decision): Granted {
  expect(decision.outcome, (decision as Denied).error?.message).toBe("granted");
  return decision as Granted;
}

export const headersOf = (decision: Decision, name: string) =>
  denied(decision).reply.headers.flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));

export function offerOf(decision: Decision) {
  const [challenge] = parseChallenges(headersOf(decision, "www-authenticate"));
  if (!challenge) throw new Error(`no challenge in a ${denied(decision).reply.status}`);
  return challenge;
}

/** Expects neither an invoice nor a token in the reply. */
export function expectNoOffer(decision: Decision) {
  expect(parseChallenges(headersOf(decision, "www-authenticate"))).toEqual([]);
  expect(denied(decision).reply.body).not.toMatch(/lnbc|"token"/);
}
