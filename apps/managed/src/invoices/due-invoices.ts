import type { Settings } from "../settings.ts";
import type { InvoiceRow } from "./invoices.ts";

/** Strangers' servers may take as long as they like, so few of them are asked before there is a next turn. */
const BATCH = { node: 200, keyless: 200, direct: 32 };
/** How many merchants are passed by in search of a batch. Most have nothing due, and there may be very many. */
const WINDOW = 2_000;
const DAY_MS = 86_400_000;
/** How long after its expiry an invoice is looked at. */
const GIVEN_UP_MS = 30 * DAY_MS;
/** The same for an invoice that somebody without a key has ordered. */
const KEYLESS_GIVEN_UP_MS = DAY_MS;
/** The longest pause once an invoice has expired, and its node has said that nobody paid it. */
const EXPIRED_PAUSE_MS = 7 * DAY_MS;
const RECALL_MS = 3_600_000;

/**
 * Who made an invoice, and is asked about it: the service's node, for merchants and for whoever has no key, or the server of
 * a merchant's address.
 */
export type Whose = keyof typeof WHOSE;
const WHOSE = {
  node: "not is_keyless and kind <> 'direct'",
  keyless: "is_keyless",
  direct: "not is_keyless and kind = 'direct'",
};
/** The next look, in ages of the invoice from now. */
const PAUSE_IN_AGES = { node: 1, keyless: 4, direct: 1 };

/** Which invoices are to be looked at, and when again. */
export function createDueInvoices({ database, clock }: Settings) {
  let lastRecallMs = 0;
  let nextRecall = 0;
  /** Where there is more than a batch: the merchant who had the last turn, and whether a batch of this round was full. */
  const turns = new Map<Whose, { last: string; wasFull: boolean }>();

  /** `chosen` selects from $1, the time. What it selects is put off, so that no other process takes it as well. */
  const taking = (whose: Whose, chosen: string) => `update managed.invoices set next_check_at = $1
      + greatest(interval '2 s', least(${PAUSE_IN_AGES[whose]} * ($1 - created_at), interval '1 day'))
    where payment_hash in (${chosen} for update skip locked) returning *`;

  /** Those that have been due for longest. */
  async function takeOldest(whose: Whose, now: Date): Promise<InvoiceRow[]> {
    const rows = await database.query<InvoiceRow>(
      taking(
        whose,
        `select payment_hash from managed.invoices where next_check_at <= $1 and status <> 'settled' and ${WHOSE[whose]}
          order by next_check_at limit ${BATCH[whose]}`,
      ),
      [now],
    );
    if (rows.length === BATCH[whose]) turns.set(whose, { last: "", wasFull: false });
    return rows;
  }

  /**
   * One invoice of each merchant, then a second one of each, and so on until the batch is full. It begins with the merchant
   * after the last one of the batch before.
   *
   * SECURITY: so that a merchant waits for other merchants, and not for their invoices, which cost nothing to order
   * (due-invoices.test.ts, "however many invoices others").
   */
  async function takeInTurns(whose: Whose, now: Date, { last, wasFull }: { last: string; wasFull: boolean }) {
    const pending = `status <> 'settled' and next_check_at is not null and ${WHOSE[whose]}`;
    const found = await database.query<InvoiceRow & { last_turn: string | null }>(
      `with recursive merchants as (
          (select merchant_id, 1 n from managed.invoices where ${pending} and merchant_id > $2 order by merchant_id limit 1)
          union all
          select next.merchant_id, n + 1 from merchants m, lateral (select merchant_id from managed.invoices
            where ${pending} and merchant_id > m.merchant_id order by merchant_id limit 1) next where n < ${WINDOW}),
        firsts as materialized (
          select due.* from merchants m, lateral (select payment_hash, merchant_id from managed.invoices
              where merchant_id = m.merchant_id and next_check_at <= $1 and ${pending} order by next_check_at limit 1) due
            limit ${BATCH[whose]}),
        more as (
          select due.payment_hash from firsts f, lateral (
              select payment_hash, row_number() over (order by next_check_at) nth from managed.invoices
              where merchant_id = f.merchant_id and next_check_at <= $1 and ${pending}
              order by next_check_at offset 1 limit ${BATCH[whose]}) due
            where (select count(*) from firsts) < ${BATCH[whose]} order by nth limit ${BATCH[whose]}),
        chosen as (select payment_hash from firsts union all select payment_hash from more limit ${BATCH[whose]}),
        taken as (${taking(whose, `select payment_hash from managed.invoices where next_check_at <= $1 and ${pending} and payment_hash in (select payment_hash from chosen)`)}),
        walked as (select case
          when (select count(*) from firsts) = ${BATCH[whose]} then (select max(merchant_id) from firsts)
          when (select count(*) from merchants) = ${WINDOW} then (select max(merchant_id) from merchants) end last_turn)
        select * from walked left join taken on true`,
      [now, last],
    );
    const rows = found.filter(({ payment_hash }) => payment_hash !== null);
    const [isFull, next] = [wasFull || rows.length === BATCH[whose], found[0]?.last_turn ?? null];
    if (next !== null) turns.set(whose, { last: next, wasFull: isFull });
    else if (isFull) turns.set(whose, { last: "", wasFull: false });
    else turns.delete(whose);
    return rows;
  }

  return {
    /** A batch of those whose time has come. */
    take(whose: Whose, now: Date): Promise<InvoiceRow[]> {
      const turn = turns.get(whose);
      return turn ? takeInTurns(whose, now, turn) : takeOldest(whose, now);
    },

    /** Whether more of them may be due. */
    isBehind: (whose: Whose): boolean => turns.has(whose),

    /**
     * After a look at an invoice that was not settled: gives it up, or puts it off for longer, where there is reason to.
     *
     * SECURITY: an invoice of ours is given up only when the node itself has said, a month after it expired (a day, if it was
     * ordered without a key), that nobody paid it (settlement.test.ts, "after an outage"); one that a wrong clock gave up is
     * not ("by a wrong clock"). Strangers who never answer are given up then all the same.
     */
    async putOff(row: InvoiceRow, isAnswered: boolean, now: Date): Promise<void> {
      const [ageMs, expiredMs] = [row.created_at, row.expires_at].map((at) => now.getTime() - at.getTime()) as [
        number,
        number,
      ];
      const isGivenUp =
        (isAnswered || row.kind === "direct") && expiredMs > (row.is_keyless ? KEYLESS_GIVEN_UP_MS : GIVEN_UP_MS);
      if (!isGivenUp && !(isAnswered && expiredMs > 0 && ageMs > DAY_MS)) return;
      const next = isGivenUp ? null : new Date(now.getTime() + Math.min(ageMs, EXPIRED_PAUSE_MS));
      await database.query(
        "update managed.invoices set next_check_at = $2 where payment_hash = $1 and status <> 'settled'",
        [row.payment_hash, next],
      );
    },

    /** Brings back invoices that a clock which was ahead has given up, or planned for later than there is reason to. */
    async recall(): Promise<void> {
      const now = clock();
      const isSetBack = now.getTime() < lastRecallMs;
      lastRecallMs = now.getTime();
      if (!isSetBack && performance.now() < nextRecall) return;
      nextRecall = performance.now() + RECALL_MS;
      const [givenUp, keyless] = [GIVEN_UP_MS, KEYLESS_GIVEN_UP_MS].map((ms) => new Date(now.getTime() - ms));
      await database.query(
        `update managed.invoices set next_check_at = $1 where status <> 'settled' and expires_at > $2
          and (not is_keyless or expires_at > $3) and (next_check_at is null
            or next_check_at > $1::timestamptz + greatest(interval '1 day', least($1 - created_at, $4::float8 * interval '1 ms')))`,
        [now, givenUp, keyless, EXPIRED_PAUSE_MS],
        { isLong: true },
      );
    },
  };
}
