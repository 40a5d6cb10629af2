import { decodeInvoice } from "@l402/core";
import { fakeBackend, fakeClock, fakeLightning } from "@l402/testing";

/** One of each generation of field names; the first says least. */
export type LnbitsVersion = "0.12" | "1.2" | "1.5" | "1.6";

export const keys = {
  seller: { inkey: "5e11e40000000000000000000000aaaa", adminkey: "5e11e40000000000000000000000bbbb" },
  buyer: { inkey: "b0be40000000000000000000000000aa", adminkey: "b0be40000000000000000000000000bb" },
};
type WalletName = keyof typeof keys;

/** What LNbits keeps of a payment, incoming (`amount` above zero) or outgoing. */
interface Row {
  wallet: WalletName;
  payment_hash: string;
  bolt11: string;
  amount: number;
  fee: number;
  status: "pending" | "success" | "failed";
  preimage: string | null;
}

/** Every field of `CreateInvoice` in LNbits. */
const FIELDS =
  /^(unit|internal|out|amount|memo|description_hash|unhashed_description|expiry|extra|webhook|bolt11|payment_hash)$/;
const RESERVE_MSAT = 2_000;

/** LNbits over HTTP, with two wallets and a fake Lightning node behind it. Answers in LNbits' words. */
export async function fakeLnbits() {
  const clock = fakeClock(new Date(Math.floor(Date.now() / 1000) * 1000));
  const lightning = fakeLightning({ clock, feeMsat: RESERVE_MSAT });
  const rows: Row[] = [];
  const state = {
    version: "1.6" as LnbitsVersion,
    /** Between two wallets of one server; a repeated payment is called failed then. */
    internal: false,
    /** What stands in for the next answers, by method. */
    trap: undefined as ((method: string, body: unknown) => { status?: number; body: unknown } | undefined) | undefined,
  };

  const server = await fakeBackend(async ({ method, path, headers, body }) => {
    const reply = await route(method, path, headers, body);
    return { ...reply, ...state.trap?.(method, reply.body) };
  });

  async function route(method: string, path: string, headers: Record<string, unknown>, body: string) {
    const wallet = walletOf(headers["x-api-key"]);
    if (method === "POST" && path === "/api/v1/payments") {
      if (headers["x-api-key"] === undefined) return refuse(401, "No Api Key provided.");
      if (!wallet) return refuse(404, "Wallet not found.");
      if (headers["content-type"] !== "application/json") return refuse(400, [{ loc: ["body"], msg: "no dict" }]);
      const data = JSON.parse(body);
      const unknown = Object.keys(data).find((name) => !FIELDS.test(name));
      if (unknown !== undefined) return refuse(400, [{ loc: ["body", unknown], msg: "extra field" }]);
      if (data.out ?? true)
        return wallet.isAdmin ? pay(wallet.name, data) : refuse(403, "Invoice (or Admin) key required.");
      return create(wallet.name, data);
    }
    const [, hash] = /^\/api\/v1\/payments\/([0-9a-f]{64})$/.exec(path) ?? [];
    if (method === "GET" && hash !== undefined) return lookUp(hash, wallet?.name);
    return refuse(method === "GET" ? 404 : 405, "Not Found");
  }

  async function create(wallet: WalletName, data: Record<string, unknown>) {
    const { unit = "sat", amount, memo, expiry } = data;
    if (unit !== "sat") return refuse(400, [{ loc: ["body", "unit"], msg: "The provided unit is not supported" }]);
    if (typeof memo !== "string" || memo.length > 640) return refuse(400, [{ loc: ["body", "memo"], msg: "too long" }]);
    if (!Number.isInteger(expiry)) return refuse(400, [{ loc: ["body", "expiry"], msg: "not an integer" }]);
    if (!(Number(amount) > 0)) return refuse(520, "Amountless invoices not supported.", "failed");
    const invoice = await lightning.provider.createInvoice({
      amountMsat: Math.trunc(Number(amount)) * 1000,
      description: memo,
      expiresInSeconds: Number(expiry),
    });
    const { paymentHash: payment_hash, amountMsat, bolt11 } = invoice;
    // LNbits knows the preimage from now on; whether it was paid is in its own books.
    const preimage = lightning.settle(payment_hash);
    const row: Row = { wallet, payment_hash, bolt11, amount: amountMsat, fee: 0, status: "pending", preimage };
    rows.push(row);
    return { status: 201, body: state.version === "0.12" ? { ...old(row), payment_request: bolt11 } : shown(row) };
  }

  async function pay(wallet: WalletName, { bolt11 = "" }: Record<string, string>) {
    // LNbits takes no link and no spaces, unlike decodeInvoice.
    if (!/^ln\w+$/i.test(bolt11)) return refuse(520, "Bolt11 decoding failed.", "failed");
    const row = rows.find((each) => each.bolt11 === bolt11 && each.amount < 0);
    if (row) refresh(row);
    if (row?.status === "success") {
      return state.internal
        ? refuse(520, "Internal invoice already paid.", "failed")
        : refuse(520, "Payment already paid.", "success");
    }
    if (row?.status === "pending") return refuse(520, "Payment is still pending.", "pending");
    if (row) return refuse(520, "Payment is failed node, retrying is not possible.", "failed");
    const { paymentHash: payment_hash, amountMsat = 0n } = decodeInvoice(bolt11);
    if (!amountMsat) return refuse(520, "Amountless invoices not supported.", "failed");
    const amount = -Number(amountMsat);
    const made: Row = { wallet, payment_hash, bolt11, amount, fee: -RESERVE_MSAT, status: "pending", preimage: null };
    rows.push(made);
    const result = await lightning.wallet.payInvoice({ bolt11, maxFeeMsat: RESERVE_MSAT });
    if (result.status === "failed") {
      made.status = "failed";
      return refuse(520, `Payment failed: ${result.reason}`, "failed");
    }
    if (result.status === "paid") Object.assign(made, { status: "success", preimage: result.preimage });
    return { status: 201, body: state.version === "0.12" ? old(made) : shown(made) };
  }

  function lookUp(hash: string, wallet: WalletName | undefined) {
    const row = rows
      .filter((each) => each.payment_hash === hash && (!wallet || each.wallet === wallet))
      .sort((a, b) => a.amount - b.amount)[0];
    if (!row) return refuse(404, "Payment does not exist.");
    refresh(row);
    const details = wallet && { details: shown(row) };
    if (row.status === "success") return { status: 200, body: { paid: true, preimage: row.preimage, ...details } };
    if (row.status === "failed") return { status: 200, body: { paid: false, status: "failed", ...details } };
    const preimage = state.version === "1.6" ? null : row.preimage;
    return { status: 200, body: { paid: false, ...(wallet && { status: "pending" }), preimage, ...details } };
  }

  function refresh(row: Row): void {
    if (row.status !== "pending") return;
    if (row.amount > 0 && clock() >= decodeInvoice(row.bolt11).expiresAt) row.status = "failed";
    const payment = row.amount < 0 && lightning.payments.find(({ paymentHash }) => paymentHash === row.payment_hash);
    if (payment && payment.status === "paid") {
      Object.assign(row, { status: "success", preimage: lightning.settle(row.payment_hash) });
    }
    if (payment && payment.status === "failed") row.status = "failed";
  }

  /** The public `Payment` of a version. */
  const shown = ({ wallet, ...row }: Row) => ({
    ...row,
    checking_id: row.payment_hash,
    wallet_id: wallet,
    memo: "",
    ...(state.version >= "1.3" && { payment_request: row.bolt11 }),
    ...(state.version === "0.12" && { pending: row.status === "pending", preimage: row.preimage ?? "0".repeat(64) }),
  });

  return {
    url: server.url,
    clock,
    lightning,
    rows,
    state,
    exchanges: server.exchanges,
    breakBackend: server.breakBackend,
    hangBackend: server.hangBackend,
    loseNextAnswer: () => server.loseNextAnswer("/api/v1/payments"),
    delayNextOrder: () => server.delayNext("/api/v1/payments"),
    close: server.close,
    /** Somebody pays an invoice of the seller, and gets the preimage. */
    settle(paymentHash: string): string {
      const row = rows.find(({ payment_hash, amount }) => payment_hash === paymentHash && amount > 0);
      if (!row?.preimage) throw new Error("There is no such invoice.");
      row.status = "success";
      return row.preimage;
    },
  };
}

function walletOf(key: unknown): { name: WalletName; isAdmin: boolean } | undefined {
  for (const name of ["seller", "buyer"] as const) {
    if (key === keys[name].inkey || key === keys[name].adminkey) return { name, isAdmin: key === keys[name].adminkey };
  }
  return undefined;
}

/** All that 0.12 answered after POST, but for the invoice. */
const old = ({ payment_hash }: Row) => ({ payment_hash, checking_id: payment_hash });

const refuse = (status: number, detail: unknown, verdict?: string) => ({
  status,
  body: { detail, ...(verdict && { status: verdict }) },
});
