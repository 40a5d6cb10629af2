import { checkAmount, checkedInvoice, checkPaymentHash, knownPreimage, readFields } from "@l402/backend";
import { type InvoiceState, L402Error, type LightningProvider } from "@l402/core";
import { type BlinkOptions, createBlinkBackend } from "./blink-backend.ts";
import { CREATE_INVOICE, LOOK_UP_INVOICE } from "./blink-documents.ts";
import { blinkError, firstErrorCode } from "./blink-error.ts";

/** A day. Blink silently uses four hours instead of any value that it does not accept. */
const MAX_MINUTES = 1440;

const MINUTE_MS = 60_000;
/** At 60 invoices in one minute, Blink blocks the whole account for five minutes. */
const MAX_PER_MINUTE = 50;

/** Receives payments with a Blink account. */
export function createBlink(options: BlinkOptions): LightningProvider {
  const blink = createBlinkBackend("createBlink", options);
  /** The times of the last requests for an invoice. */
  const asked: number[] = [];

  function keepPace(): void {
    const now = performance.now();
    const [first = -MINUTE_MS] = asked.length < MAX_PER_MINUTE ? [] : asked;
    const waitMs = first + MINUTE_MS - now;
    if (waitMs > 0) {
      throw new L402Error(
        "PROVIDER_RATE_LIMITED",
        `createBlink stopped before Blink was asked: ${MAX_PER_MINUTE} invoices were requested within the last minute.`,
        {
          hint: "Blink blocks an account for five minutes at 60 invoices a minute. Wait, or set a stricter challengeLimiter in createPaywall.",
          retryAfterSeconds: Math.ceil(waitMs / 1000),
        },
      );
    }
    asked.push(now);
    if (asked.length > MAX_PER_MINUTE) asked.shift();
  }

  return {
    name: "blink",
    preimageProvesPayment: true,

    async createInvoice(input) {
      const { amountMsat, description, expiresInSeconds, signal } = input;
      checkAmount("Blink", amountMsat, "sat");
      keepPace();
      const minutes = Math.ceil(expiresInSeconds / 60);
      const answer = await blink.ask({
        document: CREATE_INVOICE,
        variables: {
          input: {
            walletId: blink.walletId,
            amount: amountMsat / 1000,
            memo: description,
            expiresIn: Math.min(Math.max(minutes, 1), MAX_MINUTES),
          },
        },
        signal,
      });
      const fields = readFields("Blink", answer);
      const error = firstErrorCode(fields.list("data.lnInvoiceCreate.errors"));
      if (error) throw blinkError(error.code, "no");
      return checkedInvoice("Blink", input, {
        bolt11: fields.text("data.lnInvoiceCreate.invoice.paymentRequest"),
        paymentHash: fields.text("data.lnInvoiceCreate.invoice.paymentHash"),
      });
    },

    async lookupInvoice({ paymentHash }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash("Blink", paymentHash);
      const answer = await blink.ask({
        document: LOOK_UP_INVOICE,
        variables: { input: { paymentHash } },
        signal,
      });
      const fields = readFields("Blink", answer);
      const found = fields.optionalText("data.lnInvoicePaymentStatusByHash.paymentHash");
      if (found !== undefined && found.toLowerCase() !== paymentHash) {
        throw fields.unknownValue("data.lnInvoicePaymentStatusByHash.paymentHash");
      }
      const status = fields.text("data.lnInvoicePaymentStatusByHash.status");
      if (status === "PENDING") return { status: "open" };
      if (status === "EXPIRED") return { status: "expired" };
      if (status !== "PAID") throw fields.unknownValue("data.lnInvoicePaymentStatusByHash.status");
      const preimage = fields.find("data.lnInvoicePaymentStatusByHash.paymentPreimage");
      return { status: "settled", ...knownPreimage(preimage, paymentHash) };
    },
  };
}
