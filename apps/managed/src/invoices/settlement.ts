import { isL402Error } from "@l402/core";
import { inParallel } from "../in-parallel.ts";
import type { AddressBook } from "../merchants/address-book.ts";
import type { Notices } from "../merchants/notices.ts";
import type { Settings } from "../settings.ts";
import { createDueInvoices, type Whose } from "./due-invoices.ts";
import type { InvoiceRow, Invoices } from "./invoices.ts";
import { createNodeWatch } from "./node-watch.ts";

export type Settlement = ReturnType<typeof createSettlement>;

const LOOKUP_TIMEOUT_MS = 10_000;
const FRESH_MS = 200;
/** Of each sweep. */
const AT_ONCE = 16;
/** After this, a sweep ends although more is due, so that the service can be stopped. */
const SWEEP_MS = 10_000;

/**
 * Credits payments. Whatever says that one has arrived, a webhook, a stream or a caller, only makes it ask the node.
 *
 * SECURITY: nothing but the node's own answer credits anything, and the database does it once (settlement.test.ts,
 * "forged").
 */
export function createSettlement(settings: Settings, invoices: Invoices, book: AddressBook, notices: Notices) {
  const { database, provider, clock, onStep } = settings;
  const due = createDueInvoices(settings);
  const watch = createNodeWatch(notices);
  const asking = new Map<string, { answer: Promise<InvoiceRow>; at: number }>();

  /** The node that made an invoice: ours, or the one behind the merchant's address. */
  const makerOf = (row: InvoiceRow) => (row.address === null ? provider : book.direct(row.address));

  async function ask(row: InvoiceRow): Promise<InvoiceRow> {
    const ref = { paymentHash: row.payment_hash, ...(row.provider_ref && { providerRef: row.provider_ref }) };
    const state = await makerOf(row).lookupInvoice(ref, { signal: AbortSignal.timeout(LOOKUP_TIMEOUT_MS) });
    if (state.status === "canceled" && row.status === "open") {
      // SECURITY: a node that is being restored, or another one in its place, says so of what it will be paid for, so it is
      // asked again all the same (settlement.test.ts, "once said to be canceled").
      await database.query(
        "update managed.invoices set status = 'canceled' where payment_hash = $1 and status = 'open'",
        [row.payment_hash],
      );
      return { ...row, status: "canceled" };
    }
    if (state.status !== "settled") return row;
    await onStep("settlement-seen");
    const { receivedMsat, settledAt } = state;
    // SECURITY: what arrived, be it nothing, and the invoice's amount only where the node cannot tell: the rest would be
    // other merchants' money (settlement.test.ts, "for what was received").
    const received =
      receivedMsat !== undefined && Number.isSafeInteger(receivedMsat) && receivedMsat >= 0 ? receivedMsat : null;
    await database.query("select managed.settle($1, $2, $3, $4)", [
      row.payment_hash,
      row.kind === "direct" ? null : received,
      settledAt ?? null,
      clock(),
    ]);
    await onStep("settlement-credited");
    return (await invoices.find(row.payment_hash)) as InvoiceRow;
  }

  /** Asks the node about an invoice that is not settled yet; once for all who want to know at the same time. */
  async function check(row: InvoiceRow): Promise<InvoiceRow> {
    if (row.status === "settled") return row;
    const known = asking.get(row.payment_hash);
    const now = clock().getTime();
    if (known && now - known.at < FRESH_MS) return known.answer;
    const answer = ask(row);
    asking.set(row.payment_hash, { answer, at: now });
    const forget = () => void setTimeout(() => asking.delete(row.payment_hash), FRESH_MS).unref();
    answer.then(forget, () => asking.delete(row.payment_hash));
    return answer;
  }

  /** Looks at one whose time has come, and plans its next look. */
  async function checkDue(row: InvoiceRow, now: Date): Promise<void> {
    // A database that is down answers the next time.
    const putOff = (isAnswered: boolean) => due.putOff(row, isAnswered, now).catch(() => {});
    try {
      if ((await check(row)).status !== "settled") await putOff(true);
    } catch (error) {
      await putOff(false);
      throw error;
    }
  }

  async function batch(whose: Whose): Promise<number> {
    const now = clock();
    const rows = await due.take(whose, now);
    const errors = await inParallel(rows, AT_ONCE, (row) => checkDue(row, now));
    if (whose !== "direct") await watch.saw(rows.length - errors.length, errors, now);
    // A payment that arrived, and could not be credited. The operator hears of it, and it is tried again.
    const own = errors.find((error) => !isL402Error(error));
    if (own !== undefined) throw own;
    return rows.length;
  }

  return {
    check,

    /**
     * A word from outside that the node was paid. It may be a lie, late, or the hundredth of its kind.
     *
     * SECURITY: it makes nobody wait for a stranger, so direct sales are left to the sweep (http-webhooks.test.ts, "do not
     * keep the node's own").
     */
    async hint(paymentHash: string): Promise<void> {
      const row = await invoices.find(paymentHash);
      if (row && row.kind !== "direct" && row.status !== "settled") await check(row);
    },

    /**
     * Looks at invoices whose time has come: each time when they are twice as old, at least once a day, and once a week when
     * they have expired, until a month after that. Answers how many; several processes share the work.
     *
     * SECURITY: strangers' servers are asked in a sweep of their own, because they may take as long as they like
     * (settlement.test.ts, "whose server never answers"). Who has no key gets a batch after each one of merchants', so nobody
     * waits for more than that ("waits for one batch").
     */
    async sweep(): Promise<number> {
      await due.recall();
      const end = performance.now() + SWEEP_MS;
      let count = 0;
      do count += (await batch("node")) + (await batch("keyless"));
      while (due.isBehind("node") && performance.now() < end);
      return count;
    },

    /** The same for direct sales. */
    async sweepDirect(): Promise<number> {
      const end = performance.now() + SWEEP_MS;
      let count = 0;
      do count += await batch("direct");
      while (due.isBehind("direct") && performance.now() < end);
      return count;
    },
  };
}
