import type { Invoices } from "./invoices/invoices.ts";
import type { Settlement } from "./invoices/settlement.ts";
import type { MerchantBalance } from "./ledger/accounts.ts";
import type { StatementLine } from "./ledger/statement.ts";
import type { Merchants } from "./merchants/merchants.ts";
import type { Notices } from "./merchants/notices.ts";
import type { LargeBalance } from "./operator/largest-balances.ts";
import type { BrokenRule, Solvency } from "./operator/solvency.ts";
import type { Statistics } from "./operator/statistics.ts";
import type { Switches } from "./operator/switches.ts";
import type { WindDown } from "./operator/wind-down.ts";
import type { Confirmation } from "./payouts/end-by-hand.ts";
import type { PayoutRow } from "./payouts/payouts.ts";
import type { Withdrawals } from "./payouts/withdrawals.ts";
import type { BalanceRoots } from "./proofs/balance-roots.ts";
import type { Settings } from "./settings.ts";

/**
 * What the managed service can do, without HTTP. What a caller did wrong is thrown as a problem (`problemOf`); anything
 * else that is thrown is an internal error, and says nothing to callers.
 */
export interface Service {
  /** The options, with what was left out. */
  settings: Settings;

  /**
   * `register(address, mode)`: a merchant with two keys. `byKey`: whoever has one of them. `byOwnerKey`: its owner, who
   * alone may move money. `byAddress`: a merchant that is nothing but its address, for requests without a key.
   * `changeAddress(owner, address)`, `changeKey(owner, which)`, `resumePayouts(owner)`.
   */
  merchants: Pick<
    Merchants,
    "register" | "byKey" | "byOwnerKey" | "byAddress" | "byId" | "changeAddress" | "changeKey" | "resumePayouts"
  >;
  /**
   * `create(merchant, order, { key })`: the same key and order get the same invoice. `bill(merchant, key)`: what a merchant
   * in direct mode owes. `find(paymentHash)`: any merchant's invoice; compare `merchant_id` before showing it.
   */
  invoices: Pick<Invoices, "create" | "bill" | "find">;
  /** `check(row)`: the invoice as it is now. `hint(paymentHash)`: a word from anybody that it was paid. */
  settlement: Pick<Settlement, "check" | "hint" | "sweep" | "sweepDirect">;

  balance(merchantId: string): Promise<MerchantBalance>;
  /** The oldest lines first, at most 1 000 of those after a line's `cursor`. */
  statement(merchantId: string, from?: { after?: number; limit?: number }): Promise<StatementLine[]>;

  /**
   * `forMerchant(owner, request, key)` and `forOperator(request, key)` pay an invoice, and `refund(owner, request, key)` one
   * of a buyer who gets a payment back. They answer once the money is set
   * aside; `sent` resolves to the payout as it is when the wallet has answered.
   */
  withdrawals: Withdrawals;
  payouts: {
    /** The newest first. Of one merchant (`merchant:<id>`), of the operator (`fee`), or with null of all. */
    list(account: string | null, limit?: number): Promise<PayoutRow[]>;
    find(id: string): Promise<PayoutRow | undefined>;
  };
  /** `list(merchantId)` the newest first; with null those of the operator. */
  notices: Pick<Notices, "list">;

  /** `read()`, `turnOn(switch, reason)`, `turnOff(switch)`: for the operator. */
  switches: Pick<Switches, "read" | "turnOn" | "turnOff">;
  solvency: {
    /** As it is, without consequences. */
    measure(): Promise<Solvency>;
    /** Measures, and pauses payouts if the service could not pay all that it owes. */
    check(): Promise<Solvency>;
    /** Adds the whole ledger up again, and pauses payouts if a rule is broken. */
    audit(): Promise<BrokenRule[]>;
  };
  /** What is owed to all, signed: `root(number?)` for everybody, `proof(merchantId)` for one, `rotateKey()` for the operator. */
  roots: BalanceRoots;
  /** Whom the most is owed. */
  largestBalances(limit?: number): Promise<LargeBalance[]>;
  /** The rules that an audit looks at, in words. */
  rules(): Promise<string[]>;
  /** Totals, and a row per day, for the admin page. */
  statistics(days?: number): Promise<Statistics>;
  /** No more invoices; pays out what can be, and says what is left. May be called again. */
  windDown(): Promise<WindDown>;
  /**
   * Gives back what a payout has set aside that the wallet knows nothing of, long after its invoice has expired. For the
   * operator, after looking at the node. Throws where that is not certain.
   */
  giveUpPayout(id: string): Promise<PayoutRow>;
  /**
   * Ends a payout as paid that the wallet calls paid without the preimage that proves it: with the preimage, or a day later
   * with what the operator saw. Throws while it can still fail.
   */
  confirmPayout(id: string, confirmation: Confirmation): Promise<PayoutRow>;

  /** One round of everything that has to be done anyway. */
  tick(): Promise<void>;
  /** Goes on with that by itself; the answered function ends it, and waits for what is under way. */
  start(): () => Promise<void>;
}
