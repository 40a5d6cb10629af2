import type { AddressBook } from "../merchants/address-book.ts";
import type { Settings } from "../settings.ts";
import type { InvoiceRow, Invoices } from "./invoices.ts";

export type Settlement = ReturnType<typeof createSettlement>;

const LOOKUP_TIMEOUT_MS = 10_000;
const FRESH_MS = 200;
const BATCH = 200;
/** Of each sweep. */
const AT_ONCE = 16;
/** How long after its expiry an invoice is looked at. */
const GIVEN_UP_MS = 30 * 86_400_000;
/** The same for an invoice that somebody without a key has ordered. */
const KEYLESS_GIVEN_UP_MS = 86_400_000;
const RECALL_MS = 3_600_000;

/**
 * Who made an invoice, and is asked about it: the service's node, for merchants and for whoever has no key, or the server of
 * a merchant's address.
 */
type Whose = keyof typeof WHOSE;
const WHOSE = {
  node: "not is_keyless and kind <> 'direct'",
  keyless: "is_keyless",
  direct: "not is_keyless and kind = 'direct'",
};
/** The next look, in ages of the invoice from now. */
const PAUSE_IN_AGES = { node: 1, keyless: 4, direct: 1 };

/**
 * Credits payments. Whatever says that one has arrived, a webhook, a stream or a caller, only makes it ask the node.
 *
 * SECURITY: nothing but the node's own answer credits anything, and the database does it once (settlement.test.ts,
 * "forged").
 */
export function createSettlement(settings: Settings, invoices: Invoices, book: AddressBook) {
  const { database, provider, clock, onStep } = settings;
  let lastSweepMs = 0;
  let nextRecall = 0;
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
    if (known && performance.now() - known.at < FRESH_MS) return known.answer;
    const answer = ask(row);
    asking.set(row.payment_hash, { answer, at: performance.now() });
    const forget = () => void setTimeout(() => asking.delete(row.payment_hash), FRESH_MS).unref();
    answer.then(forget, () => asking.delete(row.payment_hash));
    return answer;
  }

  const due = (whose: Whose, now: Date): Promise<InvoiceRow[]> =>
    database.query<InvoiceRow>(
      `update managed.invoices set next_check_at = $1
          + greatest(interval '2 s', least(${PAUSE_IN_AGES[whose]} * ($1 - created_at), interval '1 day'))
        where payment_hash in (select payment_hash from managed.invoices
          where next_check_at <= $1 and status <> 'settled' and ${WHOSE[whose]}
          order by next_check_at limit ${BATCH} for update skip locked)
        returning *`,
      [now],
    );

  /**
   * SECURITY: an invoice of ours is given up only when the node itself has said, a month after it expired (a day, if it was
   * ordered without a key), that nobody paid it (settlement.test.ts, "after an outage"); one that a wrong clock gave up is
   * not ("by a wrong clock"). Strangers who never answer are given up then all the same.
   */
  async function checkDue(row: InvoiceRow, now: Date): Promise<void> {
    const known = await check(row).catch(() => undefined);
    const isAnswered = known !== undefined || row.kind === "direct";
    const givenUpAt = row.expires_at.getTime() + (row.is_keyless ? KEYLESS_GIVEN_UP_MS : GIVEN_UP_MS);
    if (!isAnswered || known?.status === "settled" || now.getTime() <= givenUpAt) return;
    await database.query(
      "update managed.invoices set next_check_at = null where payment_hash = $1 and status <> 'settled'",
      [row.payment_hash],
    );
  }

  async function checkAll(rows: readonly InvoiceRow[], now: Date): Promise<void> {
    const left = [...rows];
    const work = async () => {
      // A node that is down answers the next time.
      for (let row = left.shift(); row; row = left.shift()) await checkDue(row, now).catch(() => {});
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** Invoices that a clock which was ahead has given up, or planned for later than there is reason to. */
  async function recall(now: Date): Promise<void> {
    const isSetBack = now.getTime() < lastSweepMs;
    lastSweepMs = now.getTime();
    if (!isSetBack && performance.now() < nextRecall) return;
    nextRecall = performance.now() + RECALL_MS;
    await database.query(
      `update managed.invoices set next_check_at = $1 where status = 'open' and expires_at > $2
        and (not is_keyless or expires_at > $3)
        and (next_check_at is null or next_check_at > $1::timestamptz + interval '1 day')`,
      [now, new Date(now.getTime() - GIVEN_UP_MS), new Date(now.getTime() - KEYLESS_GIVEN_UP_MS)],
    );
  }

  async function sweep(whose: Whose): Promise<number> {
    const now = clock();
    let count = 0;
    for (;;) {
      const rows = await due(whose, now);
      await checkAll(rows, now);
      count += rows.length;
      // SECURITY: so that merchants never wait for more than one batch of strangers (settlement.test.ts, "waits for one batch").
      if (rows.length < BATCH || whose === "keyless") return count;
    }
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
     * Looks at invoices whose time has come: each time when they are twice as old, at least once a day, until a month after
     * they have expired. Answers how many; several processes share the work.
     *
     * SECURITY: strangers' servers are asked in a sweep of their own, because they may take as long as they like
     * (settlement.test.ts, "whose server never answers").
     */
    async sweep(): Promise<number> {
      await recall(clock());
      return (await sweep("node")) + (await sweep("keyless"));
    },
    /** The same for direct sales. */
    sweepDirect: () => sweep("direct"),
  };
}
