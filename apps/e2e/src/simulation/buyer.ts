import { createL402Client, createMemoryClientStore, type L402Client } from "@l402/client";
import { type ClientStore, decodeInvoice, isL402Error, L402Error, type LightningWallet } from "@l402/core";
import type { Lightning, Node, Payment } from "./lightning.ts";
import { BODY_LENGTH, CALL, type Call, type Simulation } from "./simulation.ts";
import { never, pause } from "./virtual-time.ts";

interface Process {
  isDead: boolean;
  skewMs: number;
  node: Node;
  client: L402Client;
}

const HOUR_MS = 3_600_000;

/** One budget, one or two nodes, and one to three processes on one computer or on several, which share a store. */
export function openBuyer(
  simulation: Simulation,
  { invoices, openNode }: Lightning,
  fetchOf: (process: { isDead: boolean }) => typeof fetch,
  onCall: (call: Call) => void,
  name: string,
) {
  const { random, time, faults, problems, trace, nameOf, show } = simulation;
  const { chance, pick, whole } = random;
  const budget = {
    perRequestSats: pick(30, 100, 1000),
    ...(chance(0.5) && { totalSats: pick(50, 200, 1000) }),
    ...(chance(0.2) && { perOriginSats: pick(50, 200) }),
    ...(chance(0.2) && { perHourSats: pick(50, 200) }),
  };
  const maxFeeSats = pick(undefined, 0, 3);
  const asks = chance(0.3);
  /** Its wallets throw where others say that they do not know whether they paid. */
  const throwsDoubts = chance(0.3);
  const approved = new Set<string>();
  const calls: Call[] = [];
  const running = new Map<Call, Process>();
  const shared = createMemoryClientStore();
  /** How far the clocks of all its processes are ahead. */
  let aheadMs = 0;
  const clocksJump = faults.clockSteps > 0;

  const paid = () => nodes.flatMap(({ payments }) => [...payments.values()].filter(({ state }) => state !== "failed"));
  const costOf = (payments: readonly Payment[]) =>
    payments.reduce((sum, each) => sum + each.amountMsat + each.feeMsat, 0);

  /** What has left the nodes, or may still leave them, is within every limit. */
  function checkBudget(payment: Payment): void {
    const sellerOf = ({ paymentHash }: Payment) => invoices.get(paymentHash)?.seller;
    const all = paid();
    const within = (limitSats: number | undefined, payments: readonly Payment[], limit: string) => {
      if (limitSats !== undefined && costOf(payments) > limitSats * 1000) problems.push(`${name} is over ${limit}.`);
    };
    within(budget.perRequestSats, [payment], "perRequestSats");
    if (payment.feeMsat > (maxFeeSats ?? Infinity) * 1000) problems.push(`${name} pays a fee over maxFeeSats.`);
    within(budget.totalSats, all, "totalSats");
    within(
      budget.perOriginSats,
      all.filter((each) => sellerOf(each) === sellerOf(payment)),
      "perOriginSats",
    );
    // The clocks are up to a minute fast or slow. While they are far ahead, an hour's limit can be spent once more.
    const since = time.now() - HOUR_MS + (faults.clock ? 240_000 : 0);
    within(
      clocksJump ? undefined : budget.perHourSats,
      all.filter(({ beganAt }) => beganAt > since),
      "perHourSats",
    );
    if (all.filter(({ paymentHash }) => paymentHash === payment.paymentHash).length > 1)
      problems.push(`${name} pays ${nameOf(payment.paymentHash)} with two nodes.`);
    if (asks && !approved.has(payment.paymentHash))
      problems.push(`${name} did not approve ${nameOf(payment.paymentHash)}.`);
  }

  const processCount = pick(1, 1, 2, 3);
  const isAlone = processCount === 1 && faults.buyerDies === 0;
  const nodes = Array.from({ length: pick(1, 1, 2) }, (_, i) => openNode(`${name}-node${i}`, isAlone, checkBudget));

  /** The shared store, as one process reaches it. */
  const storeOf = (process: Process): ClientStore => ({
    async read() {
      await pause(whole(0, 10));
      if (chance(faults.clientStore / 10)) throw new Error("the password of the store");
      const text = await shared.read();
      await pause(whole(0, 10));
      return process.isDead ? never() : text;
    },
    async update(change) {
      await pause(whole(0, 20));
      const trouble = chance(faults.clientStore / 10) && pick("fails", "is written and fails", "slow");
      if (trouble === "fails") throw new Error("the password of the store");
      if (trouble === "slow") await pause(whole(1000, 20_000));
      if (process.isDead) return never();
      await shared.update(change);
      await pause(whole(0, 20));
      if (process.isDead) return never();
      if (trouble) throw new Error("the password of the store");
    },
  });

  /** The wallet of one process. What it has ordered goes on when the process has died. */
  const walletOf = (process: Process): LightningWallet => {
    const { payInvoice, lookupPayment, ...shown } = process.node.openWallet();
    const whileAlive = <Result>(work: Promise<Result>): Promise<Result> =>
      new Promise((resolve, reject) => {
        work.then(
          (result) => process.isDead || resolve(result),
          (error) => process.isDead || reject(error),
        );
      });
    return {
      ...shown,
      async payInvoice(input) {
        if (process.isDead) return never();
        const { paymentHash } = decodeInvoice(input.bolt11);
        const call = calls.find(({ offered }) => offered.has(paymentHash));
        const ordered = call && running.has(call) ? call.ordered : undefined;
        ordered?.add(paymentHash);
        try {
          const result = await whileAlive(payInvoice(input));
          if (result.status === "unknown" && throwsDoubts)
            throw new L402Error("PROVIDER_TIMEOUT", undefined, { fundsMoved: "maybe" });
          return result;
        } catch (error) {
          // It was not sent. A later call may pay the same invoice.
          if (isL402Error(error) && error.fundsMoved === "no") ordered?.delete(paymentHash);
          throw error;
        }
      },
      lookupPayment: (paymentHash) => (process.isDead ? never() : whileAlive(lookupPayment(paymentHash))),
    };
  };

  function startProcess(node = pick(...nodes)): Process {
    const skewMs = chance(faults.clock) ? whole(-60_000, 60_000) : 0;
    const process = { isDead: false, skewMs, node } as Process;
    process.client = createL402Client({
      wallet: walletOf(process),
      network: "regtest",
      budget,
      store: storeOf(process),
      fetch: fetchOf(process),
      paymentTimeoutSeconds: pick(5, 60),
      onError: show,
      onPayment: show,
      onChallenge: ({ paymentHash, ...quote }) => show(quote),
      ...(maxFeeSats !== undefined && { maxFeeSats }),
      ...(asks && { approve }),
    });
    return process;
  }

  async function approve({ paymentHash }: { paymentHash: string }): Promise<boolean> {
    await pause(whole(0, pick(100, 20_000)));
    if (chance(faults.declined)) return false;
    approved.add(paymentHash);
    return true;
  }

  const processes = Array.from({ length: processCount }, () => startProcess());
  /** Runs a program in one of the processes, by its clock. */
  const on = <Result>(process: Process, run: () => Result) => time.on(() => aheadMs + process.skewMs, run);

  return {
    name,
    calls,
    paid,
    costOf,
    clocksJump,
    /** A client for each of its wallets. */
    openClients: () => nodes.map((node) => startProcess(node).client),
    resume() {
      const process = pick(...processes);
      return on(process, () => process.client.resume());
    },
    /** Fetches with one of the processes, and resolves when the call has ended, whatever became of it. */
    async fetch(url: string, method: string, body = "", form: BodyForm = "text"): Promise<Call> {
      const process = pick(...processes);
      const isStream = method === "POST" && form === "stream";
      const id = simulation.nextId();
      const beganAt = time.now();
      const call: Call = { id, url, method, isStream, beganAt, ordered: new Set(), offered: new Set() };
      calls.push(call);
      onCall(call);
      running.set(call, process);
      const end = new AbortController();
      if (chance(faults.abort)) {
        pause(whole(0, pick(100, 1000, 30_000))).then(() => {
          call.isAborted = true;
          end.abort();
        });
      }
      trace(`${name} call ${id}: ${method} ${url} ${body.length}`);
      try {
        const headers = { [CALL]: String(id), [BODY_LENGTH]: String(body.length) };
        const request = { method, headers, signal: end.signal, ...(method === "POST" && bodyIn(form, body)) };
        const answer = await on(process, () =>
          form === "request" ? process.client.fetch(new Request(url, request)) : process.client.fetch(url, request),
        );
        call.outcome = answer.status;
        await answer.text().catch(() => {});
      } catch (error) {
        call.outcome = error;
        show(error);
      }
      call.endedAt ??= time.now();
      running.delete(call);
      trace(`${name} call ${id} ends: ${call.outcome instanceof Error ? call.outcome.message : call.outcome}`);
      return call;
    },
    /** One process dies, and a new one is started in its place. */
    replaceProcess() {
      const [dead] = processes.splice(whole(0, processes.length - 1), 1, startProcess());
      if (dead) dead.isDead = true;
      for (const [call, process] of running) {
        if (process !== dead) continue;
        call.isLost = true;
        call.endedAt ??= time.now();
      }
      trace(`a process of ${name} dies`);
    },
    /** The clock of its computers is set. */
    setClocks(ms: number) {
      aheadMs = ms;
      trace(`the clocks of ${name} are ${ms / 1000} s ahead`);
    },
    /** All clocks are right again. */
    healClocks() {
      aheadMs = 0;
      for (const process of processes) process.skewMs = 0;
    },
  };
}

export const BODY_FORMS = ["text", "bytes", "request", "stream"] as const;
type BodyForm = (typeof BODY_FORMS)[number];

function bodyIn(form: BodyForm, text: string) {
  const bytes = new TextEncoder().encode(text);
  if (form === "stream") return { body: new Response(bytes).body, duplex: "half" as const };
  return { body: form === "bytes" ? bytes : text };
}

export type Buyer = ReturnType<typeof openBuyer>;
