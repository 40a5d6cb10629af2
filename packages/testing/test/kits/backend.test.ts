import {
  type Invoice,
  L402Error,
  type L402ErrorCode,
  type LightningProvider,
  type LightningWallet,
  type PaymentResult,
} from "@l402/core";
import { describe, expect, it } from "vitest";
import { describeBackend } from "../../src/index.ts";
import { type BackendSubject, backendCases } from "../../src/kits/backend.ts";
import { API_KEY, referenceBackend, referenceProvider, referenceWallet } from "./reference-backend.ts";
import { namesOf, runCase } from "./run-cases.ts";

describeBackend({ describe, it }, referenceBackend());

type Address = Parameters<NonNullable<BackendSubject["provider"]>>[0];

/** The reference with something changed in what it does with a backend. */
const provider = (change: (good: LightningProvider, backend: Address) => Partial<LightningProvider>) =>
  referenceBackend({
    provider(backend) {
      const good = referenceProvider(backend);
      return { ...good, ...change(good, backend) };
    },
  });
const wallet = (change: (good: LightningWallet, backend: Address) => Partial<LightningWallet>) =>
  referenceBackend({
    wallet(backend) {
      const good = referenceWallet(backend);
      return { ...good, ...change(good, backend) };
    },
  });

/** Every error of creating an invoice becomes another one. */
const failingWith = (change: (error: L402Error) => unknown) =>
  provider(({ createInvoice }) => ({
    createInvoice: (input) =>
      createInvoice(input).catch((error) => {
        throw change(error);
      }),
  }));

const invoice: Invoice = { bolt11: "lnbcrt1", paymentHash: "00", amountMsat: 21_000, expiresAt: new Date() };
const FAILED: PaymentResult = { status: "failed", reason: "The backend did not answer." };
const PAID: PaymentResult = { status: "paid", preimage: "0".repeat(64), feeMsat: 0 };

const GUESSES: readonly [what: string, kind: "provider" | "wallet", subject: BackendSubject][] = [
  ["a provider that makes up an invoice", "provider", provider(() => ({ createInvoice: async () => invoice }))],
  ["a provider that guesses open", "provider", provider(() => ({ lookupInvoice: async () => ({ status: "open" }) }))],
  ["a wallet that guesses paid", "wallet", wallet(() => ({ payInvoice: async () => PAID }))],
  ["a wallet that guesses failed", "wallet", wallet(() => ({ payInvoice: async () => FAILED }))],
  ["a wallet that finds what it cannot know", "wallet", wallet(() => ({ lookupPayment: async () => PAID }))],
  ["a wallet that finds a failure", "wallet", wallet(() => ({ lookupPayment: async () => FAILED }))],
  [
    "a wallet that takes no answer for not-found",
    "wallet",
    wallet(() => ({ lookupPayment: async () => ({ status: "not-found" }) })),
  ],
];
const MATRIX = GUESSES.flatMap(([what, kind, subject]) =>
  backendCases.filter(({ needs }) => needs === kind).map(({ name }) => ({ what, name, subject })),
);

const as =
  (code: L402ErrorCode, more = {}) =>
  (error: L402Error) =>
    new L402Error(code, undefined, { fundsMoved: error.fundsMoved, retryable: error.retryable, ...more });

const ANY = "PROVIDER_BAD_RESPONSE or PROVIDER_REJECTED or PROVIDER_UNAUTHORIZED or PROVIDER_UNREACHABLE";
const wordsOf = async (url: string) => (await fetch(url)).text();

const BREAKAGES: readonly [what: string, failingCase: string, subject: BackendSubject][] = [
  [
    "has one code for everything",
    "fails with PROVIDER_UNAUTHORIZED when the backend answers 401",
    failingWith(as("PROVIDER_UNREACHABLE")),
  ],
  [
    "passes on what fetch throws",
    "fails with PROVIDER_UNREACHABLE when the backend is not running",
    failingWith(() => new TypeError("fetch failed")),
  ],
  [
    "shows its key",
    "fails with PROVIDER_UNAUTHORIZED when the backend answers 403",
    failingWith(({ code }) => new L402Error(code, `The key ${API_KEY} was refused.`)),
  ],
  [
    "gives no hint",
    "fails with PROVIDER_BAD_RESPONSE when the backend answers 200 with a web page",
    failingWith(({ code, retryable }) => new L402Error(code, undefined, { retryable, hint: "" })),
  ],
  [
    "makes people repeat what cannot succeed",
    "fails with PROVIDER_UNAUTHORIZED when the backend answers 401",
    failingWith(({ code }) => new L402Error(code, undefined, { retryable: true })),
  ],
  [
    "makes people give up on what can succeed",
    "fails with PROVIDER_UNREACHABLE when the backend answers 503",
    failingWith(({ code }) => new L402Error(code, undefined, { retryable: false })),
  ],
  [
    "does not say when to come back",
    "fails with PROVIDER_RATE_LIMITED when the backend answers 429 and when to come back",
    failingWith(({ code }) => new L402Error(code)),
  ],
  [
    "fears for money that an invoice cannot move",
    "fails with PROVIDER_TIMEOUT when the backend never answers",
    failingWith(({ code }) => new L402Error(code, undefined, { fundsMoved: "maybe" })),
  ],
  [
    "waits for ever",
    "fails with PROVIDER_TIMEOUT when the backend begins to answer and never ends",
    provider((_, { url }) => ({ createInvoice: async () => (await fetch(url)).json() })),
  ],
  [
    "follows a redirect",
    "fails with PROVIDER_BAD_RESPONSE or PROVIDER_REJECTED when the backend redirects",
    provider(({ createInvoice }, { url }) => ({
      async createInvoice(input) {
        await fetch(url, { method: "POST" }).catch(() => {});
        return createInvoice(input);
      },
    })),
  ],
  [
    "rejects, as if nothing had been sent",
    "neither claims nor denies a payment without knowing when the backend hangs up without a word",
    wallet(() => ({ payInvoice: () => Promise.reject(new L402Error("PROVIDER_UNREACHABLE")) })),
  ],
  [
    "rejects with an error that leaves the money open",
    "neither claims nor denies a payment without knowing when the backend never answers",
    wallet(() => ({
      payInvoice: () => Promise.reject(new L402Error("PROVIDER_TIMEOUT", undefined, { fundsMoved: "maybe" })),
    })),
  ],
  [
    "passes on the backend's words",
    `fails with ${ANY} when the backend answers 400 and repeats what it was sent`,
    provider((_, { url }) => ({
      async createInvoice() {
        throw new L402Error("PROVIDER_REJECTED", await wordsOf(url));
      },
    })),
  ],
  [
    "writes the backend's words to the console",
    "neither claims nor denies a payment without knowing when the backend answers 500 and repeats what it was sent",
    wallet(({ payInvoice }, { url }) => ({
      async payInvoice(input) {
        console.warn("The backend said", await wordsOf(url));
        return payInvoice(input);
      },
    })),
  ],
  [
    "gives a payment no more time than any other call",
    "neither claims nor denies a payment without knowing when the backend never answers",
    wallet(({ payInvoice }) => ({ payInvoice: (input) => payInvoice({ ...input, timeoutSeconds: 0 }) })),
  ],
  [
    "shows its key in a reason",
    "neither claims nor denies a payment without knowing when the backend answers 500",
    wallet(() => ({ payInvoice: async () => ({ status: "unknown", reason: `The key ${API_KEY} did not help.` }) })),
  ],
];

describe("the kit", () => {
  // Of a wallet that guesses, every case fails: there is no kind of trouble in which a guess is right.
  it.each(MATRIX)("notices $what: $name", async ({ name, subject }) => {
    await expect(runCase(backendCases, name, subject)).rejects.toThrow();
  });

  it.each(BREAKAGES)("notices a client that %s", async (_, failingCase, subject) => {
    await expect(runCase(backendCases, failingCase, subject)).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set(MATRIX.map(({ name }) => name))].sort()).toEqual(namesOf(backendCases));
  });

  it("has no cases for what the package does not have", () => {
    const registered = ({ provider, wallet }: Partial<BackendSubject>) => {
      const names: string[] = [];
      const runner = {
        describe: (_: string, body: () => void) => body(),
        it: Object.assign((name: string) => void names.push(name), { skip: () => {} }),
      };
      describeBackend(runner, { name: "half", ...(provider && { provider }), ...(wallet && { wallet }) });
      return names.sort();
    };
    const of = (kind: string) => namesOf(backendCases.filter(({ needs }) => needs === kind));
    expect(registered({ provider: referenceProvider })).toEqual(of("provider"));
    expect(registered({ wallet: referenceWallet })).toEqual(of("wallet"));
    expect(() => registered({})).toThrow("got none");
  });
});
