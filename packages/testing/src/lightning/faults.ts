import { L402Error, type L402ErrorCode } from "@l402/core";

/** The calls that can have faults. */
export type FakeCall = keyof FaultOf;

/** The possible faults of each call. */
export interface FaultOf {
  createInvoice: CallFault | InvoiceLie;
  lookupInvoice: CallFault | "still-open";
  payInvoice: CallFault | PaymentFault;
  lookupPayment: CallFault;
}

/**
 * An error code: the call fails and has no effect. "hang": the call never answers and has no effect. `delaySeconds`:
 * the call takes effect at once and answers late.
 */
export type CallFault = Extract<L402ErrorCode, `PROVIDER_${string}`> | "hang" | { delaySeconds: number };

/** What is wrong in the BOLT11, while the other fields of the invoice match the request. */
export type InvoiceLie = "wrong-amount" | "wrong-hash" | "wrong-network" | "already-expired" | "amountless";

/**
 * "failed": certainly not paid. "unknown-settled": paid, but the wallet receives no answer. "unknown-stuck": under way
 * until the invoice is settled or cancelled. The others: paid, with a preimage that proves nothing.
 */
export type PaymentFault =
  | "failed"
  | "unknown-settled"
  | "unknown-stuck"
  | "wrong-preimage"
  | "zero-preimage"
  | "empty-preimage";

/** The faults that a test requested, once or always. */
export interface Faults {
  next<Call extends FakeCall>(call: Call, fault: FaultOf[Call]): void;
  always<Call extends FakeCall>(call: Call, fault: FaultOf[Call]): void;
  heal(): void;
  /** Returns the fault for this call, and removes it if it was for one call. */
  take<Call extends FakeCall>(call: Call): FaultOf[Call] | undefined;
}

export function createFaults(): Faults {
  const queues = new Map<FakeCall, unknown[]>();
  const standing = new Map<FakeCall, unknown>();
  return {
    next: (call, fault) => void queues.set(call, [...(queues.get(call) ?? []), fault]),
    always: (call, fault) => void standing.set(call, fault),
    heal() {
      queues.clear();
      standing.clear();
    },
    take: (call) => (queues.get(call)?.shift() ?? standing.get(call)) as never,
  };
}

/** Carries out a call with a fault. Rejects with PROVIDER_TIMEOUT if the caller gives up. */
export async function underFault<Answer>(
  fault: unknown,
  signal: AbortSignal | undefined,
  act: () => Answer,
): Promise<Answer> {
  if (signal?.aborted) throw gaveUp();
  if (typeof fault === "string" && fault.startsWith("PROVIDER_")) {
    throw new L402Error(fault as L402ErrorCode, "The fake Lightning node was told to fail.");
  }
  if (fault === "hang") await wait(undefined, signal);
  const answer = act();
  await wait((fault as { delaySeconds?: number } | undefined)?.delaySeconds ?? 0, signal);
  return answer;
}

/** Waits for `seconds`, or forever if that is `undefined`. Rejects if the caller gives up. */
function wait(seconds: number | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (seconds === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = seconds === undefined ? undefined : setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(gaveUp());
    });
  });
}

const gaveUp = () => new L402Error("PROVIDER_TIMEOUT", "The caller gave up before the fake Lightning node answered.");
