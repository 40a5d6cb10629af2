import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { PaymentEvent, PaymentLog } from "@l402/core";
import { answerOf, expectL402Error, expectNoSecrets } from "./expectations.ts";
import { during, given, type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";

/** A payment log to test. */
export interface PaymentLogSubject extends KitSubject {
  /** Called for every case. */
  create(): OpenPaymentLog | Promise<OpenPaymentLog>;
  /** Makes every call to the backend fail until the returned function is called. */
  breakBackend?(log: PaymentLog): Repair | Promise<Repair>;
}

/** A log, and a function that reads its entries. */
export interface OpenPaymentLog {
  log: PaymentLog;
  /** Returns every entry, as it is stored. */
  entries(): readonly LoggedPayment[] | Promise<readonly LoggedPayment[]>;
}

/** An entry of the log. A log may add other fields. */
export type LoggedPayment = Pick<PaymentEvent, "paymentHash" | "amountMsat">;

/** All requirements of the kit for a payment log. */
export const paymentLogCases: readonly KitCase<PaymentLogSubject>[] = [
  {
    name: "keeps one entry per payment hash, however often it is recorded",
    safety: true,
    async run(subject) {
      const opened = await subject.create();
      const [one, other] = [sampleEvent(), sampleEvent()];
      for (const event of [one, one, other, one]) await record(opened.log, event);
      await flush(opened.log);
      assert.deepEqual(await amountsOf(opened, [one, other]), [one.amountMsat, other.amountMsat]);
    },
  },
  {
    name: "keeps one entry per payment hash when requests run in parallel",
    safety: true,
    async run(subject) {
      const opened = await subject.create();
      const event = sampleEvent();
      await Promise.all(Array.from({ length: 20 }, () => record(opened.log, { ...event })));
      await flush(opened.log);
      assert.deepEqual(await amountsOf(opened, [event]), [event.amountMsat]);
    },
  },
  {
    name: "keeps amounts to the millisatoshi",
    safety: true,
    async run(subject) {
      const opened = await subject.create();
      const events = [1, 999, 1000, 2 ** 31, 2 ** 53 - 1].map((amountMsat) => sampleEvent({ amountMsat }));
      for (const event of events) await record(opened.log, event);
      await flush(opened.log);
      const amounts = events.map((event) => event.amountMsat);
      assert.deepEqual(await amountsOf(opened, events), amounts);
    },
  },
  {
    name: "keeps no preimage, not even when an event carries one",
    safety: true,
    async run(subject) {
      const opened = await subject.create();
      const preimage = randomBytes(32).toString("hex");
      const event = { ...sampleEvent(), preimage, credential: `L402 token:${preimage}` };
      await record(opened.log, event);
      await flush(opened.log);
      assert.equal((await amountsOf(opened, [event])).length, 1);
      expectNoSecrets(await opened.entries(), [preimage]);
    },
  },
  {
    name: "has written everything once flush answers",
    safety: false,
    async run(subject) {
      const opened = await subject.create();
      const events = Array.from({ length: 20 }, () => sampleEvent());
      const recorded = events.map((event) => record(opened.log, event));
      // A log without flush must have written an event when record resolves.
      if (opened.log.flush) await flush(opened.log);
      else await Promise.all(recorded);
      assert.equal((await amountsOf(opened, events)).length, events.length);
      await Promise.all(recorded);
    },
  },
  {
    name: "keeps quiet or fails with an L402Error, and does not hang, while its backend is down",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const opened = await subject.create();
      await during(given(subject, "breakBackend"), opened.log, () =>
        record(opened.log, sampleEvent()).catch((error) => void expectL402Error(error, /./)),
      );
    },
  },
  {
    name: "writes again when its backend is back",
    safety: false,
    needs: "breakBackend",
    async run(subject) {
      const opened = await subject.create();
      await during(given(subject, "breakBackend"), opened.log, () => record(opened.log, sampleEvent()).catch(() => {}));
      const event = sampleEvent();
      await record(opened.log, event);
      await flush(opened.log);
      assert.deepEqual(await amountsOf(opened, [event]), [event.amountMsat]);
    },
  },
];

/** Registers the tests that every `PaymentLog` must pass: each payment once, to the millisatoshi, without secrets. */
export function describePaymentLog(runner: TestRunner, subject: PaymentLogSubject): void {
  registerKit(runner, "payment log", paymentLogCases, subject);
}

const sampleEvent = (changes: Partial<PaymentEvent> = {}): PaymentEvent => ({
  paymentHash: randomBytes(32).toString("hex"),
  amountMsat: 10_000,
  resource: 'GET /weather?"quoted"',
  paidAt: new Date("2026-01-01T00:00:00Z"),
  ...changes,
});

const record = (log: PaymentLog, event: PaymentEvent) => answerOf(() => log.record(event), 5);

const flush = (log: PaymentLog) => answerOf(() => log.flush?.());

/** Returns the amounts written for these events, in their order. */
async function amountsOf(opened: OpenPaymentLog, events: readonly PaymentEvent[]): Promise<number[]> {
  const entries = await opened.entries();
  return events.flatMap(({ paymentHash }) =>
    entries.filter((entry) => entry.paymentHash === paymentHash).map((entry) => entry.amountMsat),
  );
}
