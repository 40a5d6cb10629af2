/** Something that happens to the books, in the numbers of `run-events.sql`. */
export type LedgerEvent =
  | { op: "invoice"; hash: string; merchant: string; kind: "sale" | "direct" | "bill"; amount: number }
  | { op: "settle"; hash: string; received: number | null }
  | { op: "reserve"; id: string; account: string; kind: string; amount: number; fee: number; hash: string | null }
  | { op: "refund"; of: string; id: string; account: string; amount: number; fee: number; hash: string }
  | { op: "send"; id: string; hash: string }
  | { op: "paid"; id: string; fee: number }
  | { op: "failed"; id: string }
  | { op: "cheat"; nth: number };

interface Payout {
  account: string;
  kind: string;
  amount: number;
  maxFee: number;
  hash: string | null;
  status: "reserved" | "sending" | "paid" | "failed";
  refundOf?: string;
}

/** The books as they should be, written without looking at the SQL: what each event answers, and every balance after it. */
export function createLedgerModel() {
  const balances = new Map<string, number>();
  const invoices = new Map<string, { merchant: string; kind: string; amount: number; received?: number }>();
  const payouts = new Map<string, Payout>();
  const of = (account: string) => balances.get(account) ?? 0;
  const add = (account: string, msat: number) => void balances.set(account, of(account) + msat);
  const isUnderWay = ({ status }: Payout) => status === "reserved" || status === "sending";
  const hashTaken = (hash: string, except?: Payout) =>
    [...payouts.values()].some((p) => p !== except && p.hash === hash && p.status !== "failed");

  function settle(hash: string, received: number | null): string {
    const invoice = invoices.get(hash);
    if (!invoice) return "unknown";
    if (invoice.received !== undefined) return "before";
    const msat = received ?? invoice.amount;
    invoice.received = msat;
    const fee = Math.floor((msat * 3) / 1000);
    if (invoice.kind === "sale") {
      add("node", -msat);
      add(`merchant:${invoice.merchant}`, msat - fee);
      add("fee", fee);
    } else if (invoice.kind === "direct") {
      add(`owed:${invoice.merchant}`, -fee);
      add("fee:billed", fee);
    } else {
      add("node", -msat);
      add(`owed:${invoice.merchant}`, msat);
      add("fee:billed", -msat);
      add("fee", msat);
    }
    return "credited";
  }

  function reserve({ id, account, kind, amount, fee, hash }: Extract<LedgerEvent, { op: "reserve" }>): string {
    const available = account === "fee" ? of("fee") + Math.min(0, of("routing")) : of(account);
    if (available < amount + fee) return "insufficient";
    if (payouts.has(id) || (hash !== null && hashTaken(hash))) return "23505";
    const others = [...payouts.values()].some((p) => p.account === account && p.kind === "address" && isUnderWay(p));
    if (kind === "address" && others) return "23505";
    payouts.set(id, { account, kind, amount, maxFee: fee, hash, status: hash === null ? "reserved" : "sending" });
    add(account, -amount - fee);
    add(`${account}:pending`, amount + fee);
    return "reserved";
  }

  function refund({ of: paid, amount, ...rest }: Extract<LedgerEvent, { op: "refund" }>): string {
    const invoice = invoices.get(paid);
    const isTheirs = invoice?.kind === "sale" && `merchant:${invoice.merchant}` === rest.account;
    if (!isTheirs || invoice.received === undefined) return "not-refundable";
    if (amount > invoice.received) return "too-much";
    if ([...payouts.values()].some(({ refundOf, status }) => refundOf === paid && status !== "failed"))
      return "refunded";
    const outcome = reserve({ ...rest, op: "reserve", kind: "withdrawal", amount });
    if (outcome === "reserved") Object.assign(payouts.get(rest.id) as Payout, { refundOf: paid });
    return outcome;
  }

  function end(id: string, fee: number | undefined): string {
    const payout = payouts.get(id);
    if (!payout || !isUnderWay(payout)) return "false";
    const { account, amount, maxFee, status } = payout;
    if (fee !== undefined && status === "reserved") return "23001";
    add(`${account}:pending`, -amount - maxFee);
    if (fee === undefined) {
      payout.status = "failed";
      add(account, amount + maxFee);
    } else {
      payout.status = "paid";
      add("node", amount + fee);
      add(account, Math.max(0, maxFee - fee));
      add("routing", Math.min(0, maxFee - fee));
    }
    return "true";
  }

  return {
    apply(event: LedgerEvent): string {
      if (event.op === "invoice") {
        const { hash, merchant, kind, amount } = event;
        if (invoices.has(hash)) return "23505";
        invoices.set(hash, { merchant, kind, amount });
        return "made";
      }
      if (event.op === "settle") return settle(event.hash, event.received);
      if (event.op === "reserve") return reserve(event);
      if (event.op === "refund") return refund(event);
      if (event.op === "send") {
        const payout = payouts.get(event.id);
        if (payout?.status !== "reserved") return "none";
        if (hashTaken(event.hash, payout)) return "23505";
        Object.assign(payout, { status: "sending", hash: event.hash });
        return "sent";
      }
      if (event.op === "cheat") return "refused";
      return end(event.id, event.op === "paid" ? event.fee : undefined);
    },
    /** Without those that are zero. */
    balances: () => Object.fromEntries([...balances].filter(([, msat]) => msat !== 0).sort()),
  };
}
