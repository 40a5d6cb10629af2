import {
  decodeInvoice,
  type Invoice,
  isL402Error,
  type L402Error,
  type LightningProvider,
  type Network,
} from "@l402/core";
import { checkIdempotency, requestHashOf } from "../idempotency.ts";
import type { AddressBook } from "../merchants/address-book.ts";
import type { Merchant } from "../merchants/merchants.ts";
import type { Switches } from "../operator/switches.ts";
import { problem } from "../problem.ts";
import type { Settings } from "../settings.ts";

export interface InvoiceOrder {
  amountMsat: number;
  description: string;
  expiresInSeconds: number;
}

export interface InvoiceRow {
  payment_hash: string;
  merchant_id: string;
  kind: "sale" | "direct" | "bill";
  amount_msat: number;
  /** Of a direct sale: who made the invoice. */
  address: string | null;
  bolt11: string;
  provider_ref: string | null;
  created_at: Date;
  expires_at: Date;
  status: "open" | "canceled" | "settled";
  settled_at: Date | null;
  received_msat: number | null;
  fee_msat: number | null;
  idempotency_key: string | null;
  request_hash: string | null;
  /** Made for whoever named the address. */
  is_keyless: boolean;
}

interface Purpose {
  kind: InvoiceRow["kind"];
  key: string | undefined;
  /** What the key stands for. */
  request: object;
}

export type Invoices = ReturnType<typeof createInvoices>;

const FIRST_CHECK_MS = 2_000;
/** How much longer than ordered an address may make its invoices valid; most have one time for all. */
const DIRECT_GRACE_MS = 86_400_000;

/** Makes invoices for merchants. */
export function createInvoices(settings: Settings, book: AddressBook, switches: Switches) {
  const { database, provider, network, clock, onStep, balanceCapMsat, maxInvoiceMsat, creditMsat } = settings;

  /** The invoice that a key stands for, if any, and the balance that counts: one question, because every invoice asks it. */
  async function look({ id, mode }: Merchant, key: string | undefined) {
    const accounts = mode === "direct" ? [`owed:${id}`] : [`merchant:${id}`, `merchant:${id}:pending`];
    const [row] = await database.query<InvoiceRow & { balance_msat: number }>(
      `select i.*, (select coalesce(sum(b.balance_msat), 0)::bigint from managed.balances b where b.account = any($1)) balance_msat
        from (select 1) one left join managed.invoices i on i.merchant_id = $2 and i.idempotency_key = $3`,
      [accounts, id, key ?? null],
    );
    const { balance_msat: msat, ...before } = row as InvoiceRow & { balance_msat: number };
    return { msat, before: before.payment_hash === null ? undefined : before };
  }

  async function checkLimits(merchant: Merchant, msat: number): Promise<void> {
    await switches.refuseInvoices();
    if (merchant.mode === "direct" && -msat > creditMsat) {
      throw problem(
        "BILL_DUE",
        `Fees of ${-msat} msat are due. Create a bill with POST /v1/bills, and pay its invoice.`,
      );
    }
    // What is set aside for payouts is held all the same. Open invoices do not count: whoever asks a shop for them, and pays
    // none, would close it.
    if (merchant.mode === "custodial" && msat > balanceCapMsat) {
      throw problem(
        "BALANCE_CAP",
        `The balance is above the limit of ${balanceCapMsat} msat. Withdraw money, or correct the payout address.`,
      );
    }
  }

  /** SECURITY: whose it is, is on the disk before anybody can pay it (crash.test.ts, "invoice-bound"). */
  async function bind(merchant: Merchant, invoice: Invoice, order: InvoiceOrder, { kind, key, request }: Purpose) {
    const now = clock();
    // SECURITY: strangers would be asked until then, and say for ever (invoices.test.ts, "never expires").
    const latest = new Date(now.getTime() + order.expiresInSeconds * 1_000 + DIRECT_GRACE_MS);
    const expiresAt = kind === "direct" && invoice.expiresAt > latest ? latest : invoice.expiresAt;
    const rows = await database.query<InvoiceRow>(
      `insert into managed.invoices (payment_hash, merchant_id, kind, amount_msat, description, address, bolt11,
          provider_ref, created_at, expires_at, next_check_at, idempotency_key, request_hash, is_keyless)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing returning *`,
      [
        ...[invoice.paymentHash, merchant.id, kind, order.amountMsat, order.description],
        ...[kind === "direct" ? merchant.lightning_address : null, invoice.bolt11, invoice.providerRef ?? null, now],
        ...[expiresAt, new Date(now.getTime() + FIRST_CHECK_MS), key ?? null],
        ...[key === undefined ? null : requestHashOf(request), !merchant.has_key],
      ],
    );
    return rows[0];
  }

  async function make(maker: LightningProvider, order: InvoiceOrder): Promise<Invoice> {
    const invoice = await maker.createInvoice(order).catch(refuse);
    if (!isFor(invoice, order, network))
      throw problem(
        "NODE_UNAVAILABLE",
        "The Lightning node returned an invoice that does not match the request. No money moved.",
      );
    await onStep("invoice-made");
    return invoice;
  }

  async function makeAndBind(merchant: Merchant, order: InvoiceOrder, purpose: Purpose): Promise<InvoiceRow> {
    const maker = purpose.kind === "direct" ? book.direct(merchant.lightning_address) : provider;
    const bound = await bind(merchant, await make(maker, order), order, purpose);
    if (bound) {
      await onStep("invoice-bound");
      return bound;
    }
    // The same key came twice at the same time: the other one's invoice counts, and nobody will ever see this one.
    const { before: winner } = await look(merchant, purpose.key);
    if (winner) return checkIdempotency(winner, purpose.request);
    throw problem("ADDRESS_INVALID", "The Lightning Address returned an invoice that it had returned before.");
  }

  return {
    /** With a key, the same request gets the same invoice however often it comes. */
    async create(merchant: Merchant, order: InvoiceOrder, { key }: { key?: string | undefined } = {}) {
      const { amountMsat } = order;
      if (!Number.isSafeInteger(amountMsat) || amountMsat < 1 || amountMsat > maxInvoiceMsat) {
        throw problem("AMOUNT_INVALID", `amountMsat must be a whole number from 1 to ${maxInvoiceMsat}.`);
      }
      const { before, msat } = await look(merchant, key);
      if (before) return checkIdempotency(before, order);
      await checkLimits(merchant, msat);
      return makeAndBind(merchant, order, {
        kind: merchant.mode === "direct" ? "direct" : "sale",
        key,
        request: order,
      });
    },

    /** What a merchant in direct mode owes, as an invoice of the service. */
    async bill(merchant: Merchant, key?: string): Promise<InvoiceRow> {
      // What is owed grows meanwhile, and the key still stands for the first bill.
      const request = { kind: "bill" };
      const { before, msat } = await look(merchant, key);
      if (before) return checkIdempotency(before, request);
      const amountMsat = merchant.mode === "direct" ? Math.floor(-msat / 1000) * 1000 : 0;
      if (amountMsat < 1000) throw problem("NOT_FOUND", "You owe less than 1 sat, so there is no bill.");
      const order = { amountMsat, description: "Fees of the managed service", expiresInSeconds: 3_600 };
      return makeAndBind(merchant, order, { kind: "bill", key, request });
    },

    async find(paymentHash: string): Promise<InvoiceRow | undefined> {
      const [row] = await database.query<InvoiceRow>("select * from managed.invoices where payment_hash = $1", [
        paymentHash,
      ]);
      return row;
    },
  };
}

/** SECURITY: a buyer pays what the BOLT11 says, so it has to say what was ordered (invoices.test.ts, "is not sold when"). */
function isFor({ bolt11, paymentHash }: Invoice, order: InvoiceOrder, network: Network): boolean {
  try {
    const said = decodeInvoice(bolt11);
    return said.paymentHash === paymentHash && said.amountMsat === BigInt(order.amountMsat) && said.network === network;
  } catch {
    return false;
  }
}

/** The node's own error, in words for the merchant. */
function refuse(error: unknown): never {
  if (!isL402Error(error)) throw error;
  if (error.code === "PROVIDER_REJECTED") throw problem("AMOUNT_INVALID", `${error.message} ${error.hint}`.trim());
  const { retryAfterSeconds = 2 } = error as L402Error;
  throw problem(
    "NODE_UNAVAILABLE",
    "The service could not create an invoice. No money moved. Try again later.",
    retryAfterSeconds,
  );
}
