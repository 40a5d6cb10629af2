import { decodeInvoice } from "@l402/bolt11";
import { isL402Error, L402Error, type LightningWallet, type PaymentResult } from "@l402/core";
import { fakeClock, fakeLightning } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createL402Client, createMemoryClientStore, type L402ClientOptions } from "../src/index.ts";

/** Makes random choices, always the same for the same seed. */
function randomness(seed: number) {
  let state = seed * 2654435761 + 1;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
  const pick = <Choice>(...choices: Choice[]): Choice => choices[Math.floor(next() * choices.length)] as Choice;
  return { next, pick, chance: (p: number) => next() < p };
}

const ORIGINS = ["https://a.example", "https://b.example"];

/** Sellers and a wallet that behave at random, and the record of what the wallet really paid. */
function openWorld(seed: number) {
  const random = randomness(seed);
  const { pick, chance } = random;
  const clock = fakeClock();
  const node = fakeLightning({ clock });
  /** The money that left the wallet, by payment hash, including fees. */
  const moved = new Map<string, number>();
  const fees = new Map<string, number>();
  const issued = new Map<string, string>();
  const problems: string[] = [];
  let last = { bolt11: "", token: "" };

  const challenge = async (origin: string) => {
    const reuse = chance(0.15) && last.bolt11 !== "";
    if (!reuse) {
      if (chance(0.1))
        node.next("createInvoice", pick("wrong-amount", "amountless", "already-expired", "wrong-network"));
      const amountMsat = pick<number>(1, 999, 10_000, 10_001, 50_000, 2_000_000);
      const { bolt11 } = await node.provider.createInvoice({
        amountMsat,
        description: "x",
        expiresInSeconds: pick<number>(3, 60, 600),
      });
      last = { bolt11, token: `token${issued.size}` };
    }
    issued.set(last.token, origin);
    const { bolt11, token } = last;
    const headers = new Headers();
    if (chance(0.9)) headers.set("www-authenticate", `L402 macaroon="${token}", invoice="${bolt11}"`);
    if (chance(0.2)) headers.set("retry-after", "0");
    const resource = pick(undefined, "shared", "other");
    const code = pick(
      undefined,
      "CREDENTIAL_USED_UP",
      "CREDENTIAL_UNDERPAID",
      "CREDENTIAL_WRONG_RESOURCE",
      "CREDENTIAL_NOT_SETTLED",
    );
    const uses = pick<unknown>(undefined, 1, 1, 2, 5, "unlimited", -1, 0.5);
    headers.set("content-type", "application/json");
    const body = {
      token,
      invoice: bolt11,
      resource,
      code,
      uses,
      validForSeconds: pick<unknown>(undefined, 1, 60, 1e15),
    };
    return new Response(JSON.stringify(body), { status: 402, headers });
  };

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    await Promise.resolve();
    if (request.signal.aborted) throw request.signal.reason;
    const { origin } = new URL(request.url);
    const authorization = request.headers.get("authorization");
    if (authorization === null) {
      if (chance(0.05)) return new Response("free");
      if (chance(0.03)) throw new TypeError("fetch failed");
      return challenge(origin);
    }
    const [token = "", preimage = ""] = authorization.slice(5).split(":");
    if (!issued.has(token)) problems.push("sent a token that nobody sold");
    if (!/^[0-9a-f]{64}$/.test(preimage)) problems.push("sent what is no preimage");
    const act = random.next();
    if (act < 0.5) return new Response("goods");
    if (act < 0.65) return challenge(origin);
    if (act < 0.72) return new Response("", { status: 401 });
    if (act < 0.8) return new Response("", { status: pick(500, 503, 429, 408) });
    if (act < 0.9)
      return new Response("", {
        status: 302,
        headers: { location: pick("https://b.example/moved", "/moved", "//a.example:8443/x") },
      });
    throw Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } });
  };

  const pay = (bolt11: string, maxFeeMsat: number): PaymentResult => {
    const { paymentHash, amountMsat = 0n } = decodeInvoice(bolt11);
    if (!moved.has(paymentHash)) {
      fees.set(paymentHash, Math.min(maxFeeMsat, pick<number>(0, 1, 2_000)));
      moved.set(paymentHash, Number(amountMsat) + (fees.get(paymentHash) ?? 0));
    }
    return proofOf(paymentHash);
  };
  const proofOf = (paymentHash: string): PaymentResult => {
    const feeMsat = fees.get(paymentHash) ?? 0;
    return { status: "paid", preimage: node.settle(paymentHash), feeMsat };
  };
  const wallet: LightningWallet = {
    name: "erratic",
    async payInvoice({ bolt11, maxFeeMsat }) {
      await Promise.resolve();
      const { paymentHash } = decodeInvoice(bolt11);
      if (moved.has(paymentHash) && chance(0.7)) return pay(bolt11, maxFeeMsat);
      const act = random.next();
      if (act < 0.6) return pay(bolt11, maxFeeMsat);
      if (act < 0.7) return moved.has(paymentHash) ? pay(bolt11, maxFeeMsat) : { status: "failed", reason: "no route" };
      if (act < 0.8) {
        pay(bolt11, maxFeeMsat);
        return { status: "unknown", reason: "lost" };
      }
      if (act < 0.88) return { status: "unknown", reason: "no line" };
      if (act < 0.92 && !moved.has(paymentHash)) throw new L402Error("PROVIDER_UNREACHABLE", "down");
      if (act < 0.96) throw new Error("crashed");
      return {} as never;
    },
    async lookupPayment(paymentHash) {
      await Promise.resolve();
      if (chance(0.3)) return pick<never>({ status: "unknown", reason: "" } as never, undefined as never, {} as never);
      if (!moved.has(paymentHash)) return { status: "not-found" };
      return proofOf(paymentHash);
    },
  };
  return { ...random, clock, fetch, wallet, moved, problems, node };
}

// Timers end at once, in their order, so that the test does not wait.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.setTimerTickMode("nextTimerAsync");
});
afterAll(() => void vi.useRealTimers());

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe.each([false, true])("with erratic sellers and an erratic wallet, at the same time: %s", (isParallel) => {
  it.each(Array.from({ length: Number(process.env.L402_FUZZ_SEEDS ?? 10) }, (_, seed) => seed))(
    "the books are never wrong (seed %i)",
    async (seed) => {
      const world = openWorld(seed + (isParallel ? 1000 : 0));
      const { pick, chance, clock, moved, problems } = world;
      const store = createMemoryClientStore();
      const totalSats = pick(20, 100, 500, 5_000);
      const open = (more: Partial<L402ClientOptions> = {}) =>
        createL402Client({
          wallet: world.wallet,
          fetch: world.fetch,
          network: "regtest",
          clock,
          store,
          budget: { perRequestSats: pick(10, 60, 1000), totalSats },
          ...more,
        });
      // Two clients share a store, as two processes would.
      let [buyer, other] = [open(), open()];

      const buy = async () => {
        const before = moved.size;
        const url = `${pick(...ORIGINS)}/${pick("x", "y")}`;
        const controller = new AbortController();
        if (chance(0.1)) queueMicrotask(() => controller.abort());
        try {
          const response = await (isParallel ? pick(buyer, other) : buyer).fetch(url, { signal: controller.signal });
          const payment = buyer.paymentOf(response);
          if (!isParallel && payment?.paidNow === false) expect(moved.size, "not paid now").toBe(before);
        } catch (error) {
          if (!isParallel && (!isL402Error(error) || error.fundsMoved === "no")) {
            expect(moved.size, `${(error as L402Error).code ?? error} says that nothing moved`).toBe(before);
          }
        }
        if (!isParallel) expect(moved.size - before, "payments for one request").toBeLessThanOrEqual(1);
      };

      for (let round = 0; round < 25; round++) {
        await (isParallel ? Promise.all(Array.from({ length: pick(2, 5, 10) }, buy)) : buy());
        if (chance(0.2)) clock.advanceSeconds(pick(1, 30, 100, 4000));
        if (chance(0.1)) [buyer, other] = [open(), buyer];
        if (chance(0.1)) await buyer.resume();
        if (chance(0.05)) await buyer.forget(pick(undefined, ...ORIGINS));
        const { totalMsat, pendingMsat } = await buyer.spending();
        const really = sum(moved.values());
        expect(really, "the books know of all that left").toBeLessThanOrEqual(totalMsat + pendingMsat);
        // The books may hold more: after a restart, a seller that sends a paid invoice again is counted again.
        expect(really, "the budget holds").toBeLessThanOrEqual(totalSats * 1000);
      }
      expect(problems).toEqual([]);
    },
  );
});
