import type { PaymentEvent, PaymentLog } from "@l402/core";
import { describe, expect, it } from "vitest";
import { describePaymentLog, type OpenPaymentLog } from "../../src/index.ts";
import { type PaymentLogSubject, paymentLogCases } from "../../src/kits/payment-log.ts";
import { namesOf, runCase } from "./run-cases.ts";

/** A log that writes later, to a backend that can be down. */
interface LateLog extends PaymentLog {
  written: PaymentEvent[];
  queue: PaymentEvent[];
  down: boolean;
}

function createLateLog(): LateLog {
  const log: LateLog = {
    written: [],
    queue: [],
    down: false,
    record({ paymentHash, amountMsat, resource, paidAt }) {
      log.queue.push({ paymentHash, amountMsat, resource, paidAt });
    },
    async flush() {
      await Promise.resolve();
      if (log.down) return;
      for (const event of log.queue.splice(0)) {
        if (!log.written.some(({ paymentHash }) => paymentHash === event.paymentHash)) log.written.push(event);
      }
    },
  };
  return log;
}

const subjectWith = (change: (log: LateLog) => Partial<LateLog>): PaymentLogSubject => ({
  name: "a log",
  create(): OpenPaymentLog {
    const log = createLateLog();
    Object.assign(log, change({ ...log, written: log.written }));
    return { log, entries: () => log.written };
  },
  breakBackend(log) {
    (log as LateLog).down = true;
    return () => {
      (log as LateLog).down = false;
    };
  },
});

const goodSubject = subjectWith(() => ({}));

describePaymentLog({ describe, it }, goodSubject);

const writeAtOnce = (change: (event: PaymentEvent, written: PaymentEvent[]) => PaymentEvent | undefined) =>
  function record(this: LateLog, event: PaymentEvent) {
    const entry = change(event, this.written);
    if (entry) this.written.push(entry);
  };

const isNew = (event: PaymentEvent, written: PaymentEvent[]) =>
  written.every(({ paymentHash }) => paymentHash !== event.paymentHash);

const BREAKAGES: readonly [what: string, failingCase: string, change: (log: LateLog) => Partial<LateLog>][] = [
  [
    "writes every event",
    "keeps one entry per payment hash, however often it is recorded",
    () => ({
      record: writeAtOnce(({ paymentHash, amountMsat, resource, paidAt }) => ({
        paymentHash,
        amountMsat,
        resource,
        paidAt,
      })),
    }),
  ],
  [
    "looks, waits and then writes",
    "keeps one entry per payment hash when requests run in parallel",
    ({ written }) => ({
      async record(event) {
        const fresh = isNew(event, written);
        await Promise.resolve();
        if (fresh) written.push(event);
      },
    }),
  ],
  [
    "keeps sats",
    "keeps amounts to the millisatoshi",
    () => ({ record: writeAtOnce((event) => ({ ...event, amountMsat: Math.floor(event.amountMsat / 1000) * 1000 })) }),
  ],
  [
    "keeps whole events",
    "keeps no preimage, not even when an event carries one",
    () => ({ record: writeAtOnce((event, written) => (isNew(event, written) ? event : undefined)) }),
  ],
  ["has an idle flush", "has written everything once flush answers", () => ({ async flush() {} })],
  [
    "throws while its backend is down",
    "keeps quiet or fails with an L402Error, and does not hang, while its backend is down",
    () => ({
      record(this: LateLog, event: PaymentEvent) {
        if (this.down) throw new Error("connection refused");
        this.queue.push(event);
      },
    }),
  ],
  [
    "rejects while its backend is down",
    "keeps quiet or fails with an L402Error, and does not hang, while its backend is down",
    () => ({
      async record(this: LateLog, event: PaymentEvent) {
        if (this.down) throw new Error("connection refused");
        this.queue.push(event);
      },
    }),
  ],
  [
    "gives up after a failure",
    "writes again when its backend is back",
    () => {
      let hasFailed = false;
      return {
        record(this: LateLog, event: PaymentEvent) {
          hasFailed ||= this.down;
          if (!hasFailed) this.queue.push(event);
        },
      };
    },
  ],
];

describe("the kit", () => {
  it.each(BREAKAGES)("notices a log that %s", async (_, failingCase, change) => {
    await expect(runCase(paymentLogCases, failingCase, subjectWith(change))).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set(BREAKAGES.map(([, failingCase]) => failingCase))].sort()).toEqual(namesOf(paymentLogCases));
  });
});
