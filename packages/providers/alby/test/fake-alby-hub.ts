import { randomBytes } from "node:crypto";
import { decodeInvoice, type Invoice, isL402Error } from "@l402/core";
import { fakeClock, fakeLightning } from "@l402/testing";
import { afterAll, afterEach, expect, vi } from "vitest";
import { startRelay } from "./nwc-relay.ts";

// Node 20 has no WebSocket, and the SDK keeps the one that it finds.
globalThis.WebSocket ??= (await import("ws")).WebSocket as unknown as typeof globalThis.WebSocket;
const { NWCClient, NWCWalletService, NWCWalletServiceKeyPair } = await import("@getalby/sdk/nwc");

const RESERVE_MSAT = 10_000;

type Result = { result: unknown; error: undefined } | { result: undefined; error: { code: string; message: string } };

const seconds = (instant: Date) => Math.floor(instant.getTime() / 1000);
const hidden = "Words of the wallet that nobody has to see";

/**
 * A wallet service of Nostr Wallet Connect, by the SDK's own server side, behind a real relay: signed events, encrypted
 * content, and the rules of Alby Hub. A fake Lightning node is behind it. It checks that nothing secret gets into the log.
 */
export async function fakeAlbyHub() {
  const clock = fakeClock(new Date(Math.floor(Date.now() / 1000) * 1000));
  const lightning = fakeLightning({ clock, feeMsat: RESERVE_MSAT });
  const relay = await startRelay();
  const clientSecret = randomBytes(32).toString("hex");
  const walletSecret = randomBytes(32).toString("hex");
  const state = {
    refuse: undefined as string | undefined,
    /** What stands in for the next results, by method. */
    trap: undefined as ((method: string, result: Record<string, unknown>) => unknown) | undefined,
  };

  const logged: unknown[][] = [];
  for (const name of ["log", "info", "warn", "error"] as const) {
    vi.spyOn(console, name).mockImplementation((...texts) => void logged.push(texts));
  }

  const ok = (method: string, result: Record<string, unknown>): Result => ({
    result: state.trap ? state.trap(method, result) : result,
    error: undefined,
  });
  const refuse = (code: string): Result => ({
    result: undefined,
    error: { code, message: `${hidden}: ${clientSecret}` },
  });
  /** Alby Hub ignores what it does not know; this does not. */
  const checked = async (params: object, known: RegExp, run: () => Promise<Result> | Result): Promise<Result> => {
    if (state.refuse) return refuse(state.refuse);
    if (Object.keys(params).some((name) => !known.test(name))) return refuse("BAD_REQUEST");
    try {
      return await run();
    } catch (error) {
      return refuse(isL402Error(error) ? "INTERNAL" : "OTHER");
    }
  };

  const incoming = (invoice: Invoice & { status: string }) => {
    const state = { open: "pending", settled: "settled", expired: "expired", canceled: "failed" }[invoice.status];
    const isSettled = invoice.status === "settled";
    return {
      type: "incoming",
      state,
      invoice: invoice.bolt11,
      description: "",
      description_hash: "",
      preimage: isSettled ? lightning.settle(invoice.paymentHash) : "",
      payment_hash: invoice.paymentHash,
      amount: invoice.amountMsat,
      fees_paid: 0,
      created_at: seconds(clock()),
      expires_at: seconds(invoice.expiresAt),
      ...(isSettled && { settled_at: seconds(clock()) }),
    };
  };

  /** Invoices that were made by this wallet; the node also makes those of others. */
  const own = new Set<string>();
  /** When the wallet began to pay, by payment hash. */
  const begun = new Map<string, Date>();

  const service = new NWCWalletService({ relayUrl: relay.walletUrl, relayUrls: [relay.walletUrl] } as never);
  const methods = ["make_invoice", "lookup_invoice", "pay_invoice"] as const;
  await service.publishWalletServiceInfoEvent(walletSecret, [...methods], []);
  const { publicKey } = new NWCClient({ relayUrls: [], walletPubkey: "", secret: clientSecret });
  const keys = new NWCWalletServiceKeyPair(walletSecret, publicKey);
  const unsubscribe = await service.subscribe(keys, {
    makeInvoice: (params) =>
      checked(params, /^(amount|description|description_hash|expiry|metadata)$/, async () => {
        const { amount, description = "", expiry = 86_400 } = params;
        if (!Number.isInteger(amount) || amount % 1000 !== 0 || amount < 1000) return refuse("INTERNAL");
        if (!Number.isInteger(expiry) || typeof description !== "string") return refuse("BAD_REQUEST");
        const order = { amountMsat: amount, description, expiresInSeconds: expiry };
        const invoice = await lightning.provider.createInvoice(order);
        own.add(invoice.paymentHash);
        return ok("make_invoice", incoming({ ...invoice, status: "open" }));
      }) as never,

    payInvoice: (params) =>
      checked(params, /^(invoice|amount|metadata)$/, async () => {
        const { paymentHash } = decodeInvoice(params.invoice);
        begun.set(paymentHash, clock());
        const earlier = lightning.payments.find((payment) => payment.paymentHash === paymentHash);
        if (earlier && earlier.status !== "failed") return refuse("INTERNAL");
        const result = await lightning.wallet.payInvoice({ bolt11: params.invoice, maxFeeMsat: RESERVE_MSAT });
        if (result.status === "paid") {
          return ok("pay_invoice", { preimage: result.preimage, fees_paid: result.feeMsat });
        }
        // Hub waits for a payment for as long as it takes.
        return result.status === "failed" ? refuse("PAYMENT_FAILED") : new Promise(() => {});
      }) as never,

    lookupInvoice: (params) =>
      checked(params, /^(payment_hash|invoice)$/, async () => {
        const payment = lightning.payments.find(({ paymentHash }) => paymentHash === params.payment_hash);
        const invoice = lightning.invoices.find(({ paymentHash }) => paymentHash === params.payment_hash);
        if (payment) {
          const { status, amountMsat, feeMsat, paymentHash } = payment;
          const isPaid = status === "paid";
          return ok("lookup_invoice", {
            type: "outgoing",
            state: { paid: "settled", failed: "failed", "in-flight": "pending" }[status],
            invoice: invoice?.bolt11 ?? "",
            preimage: isPaid ? lightning.settle(paymentHash) : "",
            payment_hash: paymentHash,
            amount: amountMsat,
            fees_paid: isPaid ? feeMsat : 0,
            created_at: seconds(begun.get(paymentHash) ?? clock()),
            settled_at: isPaid ? seconds(clock()) : null,
          });
        }
        if (!invoice || !own.has(invoice.paymentHash)) return refuse("NOT_FOUND");
        return ok("lookup_invoice", incoming(invoice));
      }) as never,
  });

  afterEach(() => {
    lightning.heal();
    state.refuse = undefined;
    state.trap = undefined;
    relay.state.intercept = undefined;
    // SECURITY of the log: neither a key nor a preimage.
    const text = JSON.stringify(logged, (_, value) => (value instanceof Error ? `${value} ${value.stack}` : value));
    for (const secret of [clientSecret, ...lightning.payments.map(preimageOf)]) {
      if (secret) expect(text.includes(secret), "A secret got into the log.").toBe(false);
    }
    logged.length = 0;
  });
  const preimageOf = ({ paymentHash, status }: { paymentHash: string; status: string }) =>
    status === "paid" ? lightning.settle(paymentHash) : "";

  afterAll(async () => {
    unsubscribe();
    service.close();
    await relay.close();
    vi.restoreAllMocks();
  });

  const urlOf = (secret: string, relayUrl = relay.clientUrl, pubkey = keys.walletPubkey) =>
    `nostr+walletconnect://${pubkey}?relay=${encodeURIComponent(relayUrl)}&secret=${secret}`;

  return {
    url: urlOf(clientSecret),
    urlOf,
    clientSecret,
    clock,
    lightning,
    relay,
    state,
    service,
    walletSecret,
    keys,
    NWCClient,
  };
}
