import { createL402Client, createMemoryClientStore, type L402Client } from "@l402/client";
import { type ClientStore, decodeInvoice, isL402Error, type LightningWallet } from "@l402/core";
import type { Lightning, Payment } from "./lightning.ts";
import { CALL } from "./network.ts";
import type { Call, Simulation } from "./simulation.ts";
import { never, pause } from "./virtual-time.ts";

interface Process {
  isDead: boolean;
  skewMs: number;
  client: L402Client;
}

const HOUR_MS = 3_600_000;

/** One budget, one node, and one to three processes that share a store. */
export function openBuyer(
  simulation: Simulation,
  { invoices, openNode }: Lightning,
  fetchOf: (process: { isDead: boolean }) => typeof fetch,
  onCall: (call: Call) => void,
  name: string,
) {
  const { random, time, faults, problems, trace, show } = simulation;
  const { chance, pick, whole } = random;
  const budget = {
    perRequestSats: pick(30, 100, 1000),
    ...(chance(0.5) && { totalSats: pick(50, 200, 1000) }),
    ...(chance(0.2) && { perOriginSats: pick(50, 200) }),
    ...(chance(0.2) && { perHourSats: pick(50, 200) }),
  };
  const maxFeeSats = pick(undefined, 0, 3);
  const calls: Call[] = [];
  const running = new Map<Call, Process>();
  const shared = createMemoryClientStore();

  const paid = () => [...node.payments.values()].filter(({ state }) => state !== "failed");
  const costOf = (payments: readonly Payment[]) =>
    payments.reduce((sum, each) => sum + each.amountMsat + each.feeMsat, 0);

  /** What has left the node, or may still leave it, is within every limit. */
  function checkBudget(payment: Payment): void {
    const sellerOf = ({ paymentHash }: Payment) => invoices.get(paymentHash)?.seller;
    const all = paid();
    const within = (limitSats: number | undefined, payments: readonly Payment[], limit: string) => {
      if (limitSats !== undefined && costOf(payments) > limitSats * 1000) problems.push(`${name} is over ${limit}.`);
    };
    within(budget.perRequestSats, [payment], "perRequestSats");
    within(budget.totalSats, all, "totalSats");
    within(
      budget.perOriginSats,
      all.filter((each) => sellerOf(each) === sellerOf(payment)),
      "perOriginSats",
    );
    // The processes' clocks are up to a minute fast or slow.
    const since = time.now() - HOUR_MS + (faults.clock ? 240_000 : 0);
    within(
      budget.perHourSats,
      all.filter(({ beganAt }) => beganAt > since),
      "perHourSats",
    );
  }

  const node = openNode(checkBudget);

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

  /** The node, as one process reaches it. What it has ordered goes on when it has died. */
  const walletOf = (process: Process): LightningWallet => {
    const { payInvoice, lookupPayment } = node.wallet;
    const whileAlive = <Result>(work: Promise<Result>): Promise<Result> =>
      new Promise((resolve, reject) => {
        work.then(
          (result) => process.isDead || resolve(result),
          (error) => process.isDead || reject(error),
        );
      });
    return {
      name: node.wallet.name,
      async payInvoice(input) {
        if (process.isDead) return never();
        const { paymentHash } = decodeInvoice(input.bolt11);
        const call = calls.find(({ offered }) => offered.has(paymentHash));
        const ordered = call && running.has(call) ? call.ordered : undefined;
        ordered?.add(paymentHash);
        try {
          return await whileAlive(payInvoice(input));
        } catch (error) {
          // It was not sent. A later call may pay the same invoice.
          if (isL402Error(error)) ordered?.delete(paymentHash);
          throw error;
        }
      },
      lookupPayment: (paymentHash) => (process.isDead ? never() : whileAlive(lookupPayment(paymentHash))),
    };
  };

  function startProcess(): Process {
    const skewMs = chance(faults.clock) ? whole(-55_000, 55_000) : 0;
    const process = { isDead: false, skewMs } as Process;
    process.client = createL402Client({
      wallet: walletOf(process),
      network: "regtest",
      budget,
      store: storeOf(process),
      fetch: fetchOf(process),
      paymentTimeoutSeconds: pick(5, 60),
      clock: () => new Date(time.now() + process.skewMs),
      onError: show,
      onPayment: show,
      onChallenge: ({ paymentHash, ...quote }) => show(quote),
      ...(maxFeeSats !== undefined && { maxFeeSats }),
    });
    return process;
  }

  const processes = Array.from({ length: pick(1, 1, 2, 3) }, startProcess);

  return {
    name,
    processes,
    calls,
    paid,
    costOf,
    /** Fetches with one of the processes, and resolves when the call has ended, whatever became of it. */
    async fetch(url: string, method: string, body?: string): Promise<Call> {
      const process = pick(...processes);
      const call: Call = { id: simulation.nextId(), url, method, ordered: new Set(), offered: new Set() };
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
      trace(`${name} call ${call.id}: ${method} ${url} ${body?.length ?? ""}`);
      try {
        const headers = { [CALL]: String(call.id) };
        const answer = await process.client.fetch(url, { method, headers, signal: end.signal, ...(body && { body }) });
        call.outcome = answer.status;
        await answer.text().catch(() => {});
      } catch (error) {
        call.outcome = error;
        show(error);
      }
      running.delete(call);
      trace(`${name} call ${call.id} ends: ${call.outcome instanceof Error ? call.outcome.message : call.outcome}`);
      return call;
    },
    /** One process dies, and a new one is started in its place. */
    replaceProcess() {
      const [dead] = processes.splice(whole(0, processes.length - 1), 1, startProcess());
      if (dead) dead.isDead = true;
      for (const [call, process] of running) if (process === dead) call.isLost = true;
      trace(`a process of ${name} dies`);
    },
  };
}

export type Buyer = ReturnType<typeof openBuyer>;
