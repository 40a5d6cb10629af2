import { sqlState } from "../database/database.ts";
import { requestHashOf } from "../idempotency.ts";
import type { Settings } from "../settings.ts";

export interface PayoutRow {
  id: string;
  account: string;
  kind: "address" | "withdrawal" | "operator";
  destination: string;
  amount_msat: number;
  max_fee_msat: number;
  status: "reserved" | "sending" | "paid" | "failed";
  bolt11: string | null;
  payment_hash: string | null;
  expires_at: Date | null;
  preimage: string | null;
  fee_msat: number | null;
  /** For the merchant. */
  reason: string | null;
  /** For the operator: what the wallet or the address's server said. */
  detail: string | null;
  /** The wallet refused to pay, and could not be asked whether it has paid. */
  is_refused: boolean;
  /** When the wallet first called it paid without the preimage that proves it. */
  unproven_since: Date | null;
  /** What the operator saw, who has confirmed it. */
  confirmation: string | null;
  /** The payment that this gives back. */
  refund_of: string | null;
  created_at: Date;
  sent_at: Date | null;
  ended_at: Date | null;
  idempotency_key: string | null;
  request_hash: string | null;
}

/** Whose it is. Not for payouts of the operator, whose account is "fee". */
export const merchantOf = ({ account }: PayoutRow): string => account.slice("merchant:".length);

export interface Reservation {
  id: string;
  account: string;
  kind: PayoutRow["kind"];
  destination: string;
  amountMsat: number;
  maxFeeMsat: number;
  invoice?: { bolt11: string; paymentHash: string; expiresAt: Date };
  idempotency?: { key: string; request: object };
  /** The payment hash of a payment to the same merchant, which this gives back to its buyer. */
  refundOf?: string;
}

/** Why nothing was set aside, if so. "taken": the invoice, the key or the merchant's turn is another payout's already. */
export type Reserved =
  | "reserved"
  | "insufficient"
  | "busy"
  | "taken"
  // Of refunds alone.
  | "not-refundable"
  | "too-much"
  | "refunded";

export type Payouts = ReturnType<typeof createPayouts>;

/** The books of payouts: what is set aside, what was sent, how it ended. */
export function createPayouts({ database, clock, onStep }: Settings) {
  return {
    /** Sets money aside. */
    async reserve(wanted: Reservation): Promise<Reserved> {
      const { id, account, kind, destination, amountMsat, maxFeeMsat, invoice, idempotency, refundOf } = wanted;
      const amounts = [amountMsat, maxFeeMsat, clock()];
      const request = [
        ...[invoice?.bolt11 ?? null, invoice?.paymentHash ?? null, invoice?.expiresAt ?? null],
        ...[idempotency?.key ?? null, idempotency ? requestHashOf(idempotency.request) : null],
      ];
      try {
        const [row] = await (refundOf === undefined
          ? database.query<{ outcome: Reserved }>(
              "select managed.reserve_payout($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) outcome",
              [id, account, kind, destination, ...amounts, ...request],
            )
          : database.query<{ outcome: Reserved }>(
              "select managed.reserve_refund($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) outcome",
              [refundOf, id, account, ...amounts, ...request],
            ));
        if (row?.outcome === "reserved") await onStep("payout-reserved");
        return row?.outcome ?? "insufficient";
      } catch (error) {
        if (sqlState(error) === "23505") return "taken";
        throw error;
      }
    },

    async find(id: string): Promise<PayoutRow | undefined> {
      const [row] = await database.query<PayoutRow>("select * from managed.payouts where id = $1", [id]);
      return row;
    },

    async byKey(account: string, key: string): Promise<PayoutRow | undefined> {
      const [row] = await database.query<PayoutRow>(
        "select * from managed.payouts where account = $1 and idempotency_key = $2",
        [account, key],
      );
      return row;
    },

    list: (account: string | null, limit = 100): Promise<PayoutRow[]> =>
      database.query<PayoutRow>(
        "select * from managed.payouts where $1::text is null or account = $1 order by created_at desc, id limit $2",
        [account, limit],
      ),

    /** Writes down what is about to be sent. False when that is not possible any more, or the invoice was used before. */
    async startSending(
      id: string,
      invoice: { bolt11: string; paymentHash: string; expiresAt: Date },
    ): Promise<boolean> {
      try {
        const rows = await database.query(
          `update managed.payouts set status = 'sending', bolt11 = $2, payment_hash = $3, expires_at = $4, sent_at = $5
            where id = $1 and status = 'reserved' returning id`,
          [id, invoice.bolt11, invoice.paymentHash, invoice.expiresAt, clock()],
        );
        return rows.length > 0;
      } catch (error) {
        if (sqlState(error) === "23505") return false;
        throw error;
      }
    },

    /** The last one that was paid before this one was begun. */
    async paidBefore({ created_at }: PayoutRow): Promise<PayoutRow | undefined> {
      const [row] = await database.query<PayoutRow>(
        "select * from managed.payouts where status = 'paid' and ended_at <= $1 order by ended_at desc limit 1",
        [created_at],
      );
      return row;
    },

    /** Before the same invoice is sent again. Answers the payout as it is then; nothing when another process has done so. */
    async sendAgain({ id, sent_at }: PayoutRow): Promise<PayoutRow | undefined> {
      const [row] = await database.query<PayoutRow>(
        `update managed.payouts set sent_at = $3 where id = $1 and status = 'sending' and sent_at = $2 returning *`,
        [id, sent_at, clock()],
      );
      return row;
    },

    /** Ends a payout at what it really cost; false when it had ended. */
    async paid(id: string, preimage: string, feeMsat: number): Promise<boolean> {
      const [row] = await database.query<{ done: boolean }>("select managed.end_payout($1, $2, $3, null, $4) done", [
        id,
        preimage,
        feeMsat,
        clock(),
      ]);
      await onStep("payout-ended");
      return row?.done ?? false;
    },

    /** Ends a payout as paid by the operator's word; false when it had ended. */
    async confirmed(id: string, preimage: string | null, feeMsat: number, confirmation: string): Promise<boolean> {
      const [row] = await database.query<{ done: boolean }>("select managed.end_payout($1, $2, $3, $4, $5, $6) done", [
        ...[id, preimage, feeMsat, "The operator has confirmed that this payout was paid.", clock(), confirmation],
      ]);
      await onStep("payout-ended");
      return row?.done ?? false;
    },

    /** Writes down why a payout waits for a person. False when that was known. */
    async complained(id: string, reason: string, isUnproven: boolean): Promise<boolean> {
      const rows = await database.query(
        `update managed.payouts set reason = $2, unproven_since = case when $3 then coalesce(unproven_since, $4) else unproven_since end
          where id = $1 and status = 'sending' and reason is distinct from $2 returning id`,
        [id, reason, isUnproven, clock()],
      );
      return rows.length > 0;
    },

    /** Keeps what the operator should know of a payout under way. */
    async note({ id, sent_at }: PayoutRow, detail: string, isRefused: boolean): Promise<void> {
      await database.query(
        `update managed.payouts set detail = $3, is_refused = $4
          where id = $1 and sent_at is not distinct from $2 and status in ('reserved', 'sending')`,
        [id, sent_at, detail.slice(0, 1_000), isRefused],
      );
    },

    /**
     * Gives everything back, because certainly nothing was paid.
     *
     * SECURITY: not where it was sent since this row was read, by a process that took it over from one that has lost its
     * lock: what failed was another attempt (unknown-outcomes.test.ts, "has taken over").
     */
    async failed({ id, sent_at }: PayoutRow, reason: string): Promise<boolean> {
      const [row] = await database.query<{ done: boolean }>(
        `with same as materialized
            (select id from managed.payouts where id = $1 and sent_at is not distinct from $2 for update)
          select managed.end_payout(id, null, null, $3, $4) done from same`,
        [id, sent_at, reason.slice(0, 500), clock()],
      );
      await onStep("payout-ended");
      return row?.done ?? false;
    },

    /** Whether another payout was tried with the same invoice. */
    async isRepeated({ id, payment_hash }: PayoutRow): Promise<boolean> {
      const others = await database.query(
        "select 1 from managed.payouts where payment_hash = $1 and id <> $2 limit 1",
        [payment_hash, id],
      );
      return others.length > 0;
    },

    /** Payouts that somebody should look after; each is given to one process at a time. */
    due: (): Promise<{ id: string }[]> =>
      database.query<{ id: string }>(
        `update managed.payouts set next_check_at = $1 + greatest(interval '5 s', least(($1 - created_at) / 4, interval '1 hour'))
          where id in (select id from managed.payouts where status in ('reserved', 'sending')
            -- Or planned by a clock that was ahead.
            and (next_check_at <= $1 or next_check_at > $1::timestamptz + interval '2 hours')
            order by next_check_at limit 100 for update skip locked) returning id`,
        [clock()],
      ),

    /** SECURITY: one process at a time looks after a payout (two-processes.test.ts, "never pay twice"). */
    async alone(id: string, act: () => Promise<void>): Promise<void> {
      await database.exclusively(`payout ${id}`, act);
    },
  };
}
