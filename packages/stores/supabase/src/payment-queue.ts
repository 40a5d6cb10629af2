import { createPauses } from "./pauses.ts";
import type { PaymentRow } from "./payment-row.ts";

interface PaymentQueueOptions {
  send(rows: PaymentRow[]): Promise<unknown>;
  failed(error: unknown): void;
  written(): void;
}

/** Holds payments until they are written to the database. Sends them in batches, one after the other. */
interface PaymentQueue {
  readonly size: number;
  /** False for a payment that is already waiting, or was written recently. */
  isNew(paymentHash: string): boolean;
  add(row: PaymentRow): void;
  /** Sends the payments that wait now. Gives up when this many attempts in a row have failed. */
  drain(attempts: number): Promise<void>;
  /** Starts to drain after a short pause, so that payments gather. Does nothing if it has already started. */
  wake(): void;
  /** Waits until every payment added so far is written. Resolves to false if that takes too long. */
  settle(timeoutSeconds: number): Promise<boolean>;
}

interface Waiting {
  row: PaymentRow;
  number: number;
  isSent: boolean;
}

const GATHER_MS = 100;
const MAX_BATCH = 500;
const MAX_REMEMBERED = 10_000;
const PAUSE_MS = { first: 500, last: 30_000, whileSettling: 500 };

export function createPaymentQueue({ send, failed, written }: PaymentQueueOptions): PaymentQueue {
  // In the order of arrival, the oldest first. A payment stays here until it is written.
  const waiting = new Map<string, Waiting>();
  const remembered = new Set<string>();
  const pauses = createPauses();
  const settling = new Set<() => void>();
  let added = 0;
  let batchSize = MAX_BATCH;
  let isAwake = false;

  function takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    for (const entry of waiting.values()) {
      if (batch.length === batchSize) break;
      if (!entry.isSent) batch.push(entry);
    }
    for (const entry of batch) entry.isSent = true;
    return batch;
  }

  function remember(paymentHash: string): void {
    waiting.delete(paymentHash);
    if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.values().next().value as string);
    remembered.add(paymentHash);
  }

  /** Resolves to false if the batch could not be written. */
  async function sendBatch(batch: Waiting[]): Promise<boolean> {
    try {
      await send(batch.map(({ row }) => row));
    } catch (error) {
      for (const entry of batch) entry.isSent = false;
      // A database that is too slow for many rows may manage a few.
      batchSize = Math.max(1, batchSize >> 1);
      failed(error);
      return false;
    }
    for (const { row } of batch) remember(row.payment_hash);
    batchSize = Math.min(MAX_BATCH, batchSize * 2);
    written();
    for (const check of settling) check();
    return true;
  }

  async function drain(attempts: number): Promise<void> {
    for (let failures = 0; failures < attempts; ) {
      const batch = takeBatch();
      if (batch.length === 0) return;
      const isLast = batch.length < batchSize;
      failures = (await sendBatch(batch)) ? 0 : failures + 1;
      if (failures === 0 && isLast) return;
      if (failures > 0 && failures < attempts) await pauses.pause(pauseMs(failures));
    }
  }

  function pauseMs(failures: number): number {
    if (settling.size > 0) return PAUSE_MS.whileSettling;
    const longest = Math.min(PAUSE_MS.last, PAUSE_MS.first * 2 ** (failures - 1));
    // The pause is random, so that servers do not all come back at the same moment.
    return longest * (0.5 + Math.random() / 2);
  }

  const isWrittenUpTo = (number: number) => {
    const [oldest] = waiting.values();
    return oldest === undefined || oldest.number > number;
  };

  function wake(): void {
    if (isAwake) return;
    isAwake = true;
    const run = async () => {
      do {
        await pauses.pause(GATHER_MS);
        await drain(Number.POSITIVE_INFINITY);
      } while (waiting.size > 0);
      isAwake = false;
    };
    void run();
  }

  return {
    get size() {
      return waiting.size;
    },
    isNew: (paymentHash) => !waiting.has(paymentHash) && !remembered.has(paymentHash),
    add(row) {
      waiting.set(row.payment_hash, { row, number: ++added, isSent: false });
    },
    drain,
    wake,

    settle(timeoutSeconds) {
      const number = added;
      if (isWrittenUpTo(number)) return Promise.resolve(true);
      return new Promise((resolve) => {
        const end = (isWritten: boolean) => {
          clearTimeout(timer);
          settling.delete(check);
          resolve(isWritten);
        };
        const check = () => isWrittenUpTo(number) && end(true);
        const timer = setTimeout(() => end(false), timeoutSeconds * 1000);
        settling.add(check);
        wake();
        pauses.end();
      });
    },
  };
}
