/** Payments that a node has received and neither takes nor sends back, so that the payer cannot know the outcome. */
export interface PaymentHold {
  /** The payments that are held so far. */
  readonly paymentHashes: readonly string[];
  /** Resolves as soon as `count` payments are held. */
  arrival(count?: number): Promise<void>;
  /** Takes all held payments, and holds no more. */
  claim(): Promise<void>;
  /** Sends all held payments back, and holds no more. */
  failBack(): Promise<void>;
}

/** A hold, with the functions that the holding node needs. */
export interface OpenHold {
  readonly hold: PaymentHold;
  add(paymentHash: string): void;
  remove(paymentHash: string): void;
  close(): void;
}

/** Starts to hold payments. `release` is called once, with the payments that were held. */
export function openHold(release: (paymentHashes: string[], how: "claim" | "fail-back") => Promise<void>): OpenHold {
  const held = new Set<string>();
  const waiting = new Set<{ count: number; resolve(): void; reject(error: Error): void }>();
  let isOver = false;

  async function end(how: "claim" | "fail-back"): Promise<void> {
    if (isOver) throw new Error("This hold is over: claim() or failBack() was called before.");
    isOver = true;
    await release([...held], how);
  }

  return {
    hold: {
      get paymentHashes() {
        return [...held];
      },
      arrival(count = 1) {
        if (held.size >= count) return Promise.resolve();
        return new Promise((resolve, reject) => waiting.add({ count, resolve, reject }));
      },
      claim: () => end("claim"),
      failBack: () => end("fail-back"),
    },
    add(paymentHash) {
      held.add(paymentHash);
      for (const waiter of waiting) {
        if (held.size < waiter.count) continue;
        waiting.delete(waiter);
        waiter.resolve();
      }
    },
    remove: (paymentHash) => void held.delete(paymentHash),
    close() {
      isOver = true;
      for (const { reject } of waiting) reject(new Error("The regtest was closed before the payments arrived."));
    },
  };
}
