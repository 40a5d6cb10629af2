import type { InvoiceState } from "@l402/core";
import type { AddressBook } from "../merchants/address-book.ts";
import type { Settings } from "../settings.ts";
import type { InvoiceRow, Invoices } from "./invoices.ts";

export type Settlement = ReturnType<typeof createSettlement>;

const LOOKUP_TIMEOUT_MS = 10_000;
const FRESH_MS = 200;
const BATCH = 200;
const AT_ONCE = 16;

/** Where the node says more than the interface asks for. */
type Settled = Extract<InvoiceState, { status: "settled" }> & { receivedMsat?: number };

/**
 * Credits payments. Whatever says that one has arrived, a webhook, a stream or a caller, only makes it ask the node.
 *
 * SECURITY: nothing but the node's own answer credits anything, and the database does it once (settlement.test.ts,
 * "forged").
 */
export function createSettlement(settings: Settings, invoices: Invoices, book: AddressBook) {
  const { database, provider, clock, onStep } = settings;
  const asking = new Map<string, { answer: Promise<InvoiceRow>; at: number }>();

  /** The node that made an invoice: ours, or the one behind the merchant's address. */
  const makerOf = (row: InvoiceRow) => (row.address === null ? provider : book.direct(row.address));

  async function ask(row: InvoiceRow): Promise<InvoiceRow> {
    const ref = { paymentHash: row.payment_hash, ...(row.provider_ref && { providerRef: row.provider_ref }) };
    const state = await makerOf(row).lookupInvoice(ref, { signal: AbortSignal.timeout(LOOKUP_TIMEOUT_MS) });
    if (state.status === "canceled" && row.status === "open") {
      await database.query(
        "update managed.invoices set status = 'canceled', next_check_at = null where payment_hash = $1 and status = 'open'",
        [row.payment_hash],
      );
      return { ...row, status: "canceled" };
    }
    if (state.status !== "settled") return row;
    await onStep("settlement-seen");
    const { receivedMsat, settledAt } = state as Settled;
    const received = Number.isSafeInteger(receivedMsat) && (receivedMsat as number) > 0 ? receivedMsat : null;
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
    if (known && performance.now() - known.at < FRESH_MS) return known.answer;
    const answer = ask(row);
    asking.set(row.payment_hash, { answer, at: performance.now() });
    const forget = () => void setTimeout(() => asking.delete(row.payment_hash), FRESH_MS).unref();
    answer.then(forget, () => asking.delete(row.payment_hash));
    return answer;
  }

  const due = (now: Date): Promise<InvoiceRow[]> =>
    database.query<InvoiceRow>(
      `update managed.invoices set next_check_at = case when $1 > expires_at + interval '30 days' then null else
          $1 + greatest(interval '2 s', least($1 - created_at, interval '1 day')) end
        where payment_hash in (select payment_hash from managed.invoices
          where next_check_at <= $1 and status <> 'settled' order by next_check_at limit ${BATCH} for update skip locked)
        returning *`,
      [now],
    );

  async function checkAll(rows: readonly InvoiceRow[]): Promise<void> {
    const left = [...rows];
    const work = async () => {
      for (let row = left.shift(); row; row = left.shift()) {
        // A node that is down answers the next time.
        await check(row).catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  return {
    check,

    /** A word from outside that something was paid. It may be a lie, late, or the hundredth of its kind. */
    async hint(paymentHash: string): Promise<void> {
      const row = await invoices.find(paymentHash);
      if (row && row.status !== "settled") await check(row);
    },

    /**
     * Looks at invoices whose time has come: each time when they are twice as old, at least once a day, until a month after
     * they have expired. Answers how many; several processes share the work.
     */
    async sweep(): Promise<number> {
      const now = clock();
      let count = 0;
      for (;;) {
        const rows = await due(now);
        await checkAll(rows);
        count += rows.length;
        if (rows.length < BATCH) return count;
      }
    },
  };
}
