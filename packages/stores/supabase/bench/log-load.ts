// 2 000 payments a second for 30 s, into a real Postgres behind a real PostgREST: what the log does to requests, and to
// the memory. From the root of the repository:
//
//     node --expose-gc --conditions=@l402/source --import tsx packages/stores/supabase/bench/log-load.ts
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createMemoryUseStore, createPaywall, type PaymentLog } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { createSupabasePaymentLog } from "../src/index.ts";
import { startSupabase } from "../test/server/supabase-server.ts";

const PER_SECOND = 2000;
const SECONDS = 30;
const WARM_UP_SECONDS = 3;

const server = await startSupabase();
const secret = randomBytes(32).toString("hex");
const terms = { price: 1, uses: 1_000_000_000 };

/** How long requests took that came at an even pace. */
async function load(paymentLog: PaymentLog | undefined, seconds: number, eachSecond = () => {}) {
  const lightning = fakeLightning();
  const useStore = createMemoryUseStore();
  const options = { provider: lightning.provider, secret, useStore, network: "regtest" as const };
  const paywall = createPaywall({ ...options, ...(paymentLog && { paymentLog }) });
  const ask = (authorization?: string) =>
    paywall.check(
      { method: "GET", path: "/", header: (name) => (name === "authorization" ? authorization : null) },
      terms,
    );
  const offer = await ask();
  if (offer.outcome !== "denied") throw new Error("The paywall asks for nothing.");
  const lines = offer.reply.headers.filter(([name]) => name === "WWW-Authenticate").map(([, value]) => value);
  const authorization = await payChallenge(lightning.wallet, lines);

  const milliseconds: number[] = [];
  const request = async () => {
    const started = performance.now();
    if ((await ask(authorization)).outcome !== "granted") throw new Error("A request was not granted.");
    milliseconds.push(performance.now() - started);
  };
  const began = performance.now();
  let second = 0;
  for (let sent = 0; sent < PER_SECOND * seconds; ) {
    const due = ((performance.now() - began) / 1000) * PER_SECOND;
    const requests: Promise<void>[] = [];
    while (sent < due && sent < PER_SECOND * seconds) {
      requests.push(request());
      sent++;
    }
    await Promise.all(requests);
    if (performance.now() - began > second * 1000) {
      second++;
      eachSecond();
    }
    await pause(1);
  }
  milliseconds.sort((a, b) => a - b);
  return { at: (share: number) => milliseconds[Math.floor(milliseconds.length * share)] ?? Number.NaN };
}

const log = createSupabasePaymentLog({ url: server.url, key: server.anonKey });
/** Every request counts as a payment of its own. */
const everyRequest: PaymentLog = {
  record: (event) => log.record({ ...event, paymentHash: randomBytes(32).toString("hex") }),
};
const nowhere: PaymentLog = { record: (event) => void { ...event, paymentHash: randomBytes(32).toString("hex") } };

const heapMb = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

await load(nowhere, WARM_UP_SECONDS);
const without = await load(nowhere, SECONDS);
await load(everyRequest, WARM_UP_SECONDS + 3);
await log.flush();
await server.sql("delete from payments");

const before = heapMb();
let mostWaiting = 0;
const during: number[] = [];
const withLog = await load(everyRequest, SECONDS, () => {
  mostWaiting = Math.max(mostWaiting, log.waiting);
  during.push(process.memoryUsage().heapUsed / 2 ** 20);
});
const flushStarted = performance.now();
await log.flush();
const flushMs = performance.now() - flushStarted;
const after = heapMb();
const [count] = await server.sql("select count(*)::int as rows, sum(amount_msat)::text as msat from payments");

const ms = (value: number) => value.toFixed(4);
console.log(`requests without log   p50 ${ms(without.at(0.5))} ms   p99 ${ms(without.at(0.99))} ms`);
console.log(`requests with log      p50 ${ms(withLog.at(0.5))} ms   p99 ${ms(withLog.at(0.99))} ms`);
console.log(
  `rows written           ${count?.rows} of ${PER_SECOND * SECONDS}; most waiting ${mostWaiting}; flush ${flushMs.toFixed(0)} ms`,
);
console.log(
  `heap after gc          ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after; highest ${Math.max(...during).toFixed(1)} MB`,
);
await server.stop();
