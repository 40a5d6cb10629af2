import {
  type Answer,
  type Backend,
  type ConnectionOptions,
  createBackend,
  type Fields,
  type Refusal,
} from "@l402/backend";
import { checkOption, L402Error, refuseUnknownOptions } from "@l402/core";

export interface LnbitsConnection extends ConnectionOptions {
  /** Where your LNbits is, such as `https://lnbits.example.com`. */
  url: string;
  /** PEM, where the certificate of LNbits is its own. */
  tlsCert?: string;
}

/** `keyName` is the option that has to be a key of LNbits; `more` are the other ones that there are. */
export function createLnbitsBackend<KeyName extends string>(
  owner: string,
  options: LnbitsConnection & Record<KeyName, string>,
  keyName: KeyName,
  more: readonly string[] = [],
): Backend {
  refuseUnknownOptions(owner, options, ["url", keyName, "tlsCert", "timeoutSeconds", "fetch", ...more]);
  const { url, tlsCert, timeoutSeconds, fetch, [keyName]: key } = options;
  checkOption(
    typeof key === "string" && /^[\w-]{8,200}$/.test(key),
    `${owner}: ${keyName}`,
    'the key of that name that LNbits shows beside the wallet, under "API docs"',
  );
  return createBackend({
    name: "LNbits",
    url,
    headers: { "X-Api-Key": key },
    tlsCert,
    explain,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(fetch && { fetch }),
  });
}

/** LNbits says 404 to a key that it does not know, and 520, as Cloudflare does too, when an invoice fails. */
function explain(answer: Answer): Refusal | undefined {
  if (answer.status === 404 && detailOf(answer) === "Wallet not found.") {
    return {
      code: "PROVIDER_UNAUTHORIZED",
      certain: true,
      hint: "LNbits does not know the key. Check it, and url.",
    };
  }
  if (!isRefusal(answer) || answer.status !== 520) return undefined;
  return { code: isFinal(answer) ? "PROVIDER_REJECTED" : "PROVIDER_UNREACHABLE" };
}

/** The one 404 that means that this wallet has nothing under a payment hash. */
export const isNoPayment = (answer: Answer): boolean =>
  answer.status === 404 && detailOf(answer) === "Payment does not exist.";

/** Whether LNbits itself would not, or could not, do what it was asked. */
export const isRefusal = (answer: Answer): boolean =>
  (answer.status === 400 || answer.status === 520) && detailOf(answer) !== undefined;

/** Whether a refusal says that nothing is under way. */
export const isFinal = ({ status, body }: Answer): boolean =>
  status === 400 || (status === 520 && (body as { status?: unknown }).status === "failed");

/** LNbits' own words; `undefined` where something else answered. */
const detailOf = ({ body }: Answer): unknown =>
  typeof body === "object" && body !== null ? (body as { detail?: unknown }).detail : undefined;

/** What LNbits says of a payment: `amount` is below zero for an outgoing one. */
export interface PaymentRow {
  paid: boolean;
  failed: boolean;
  amountMsat: number;
  feeMsat: number;
  preimage: unknown;
}

/**
 * Reads the row of a payment of this key's wallet. There are five shapes of it; those without `details` are about
 * somebody else's payment, or were asked for with a key that is no longer valid.
 */
export function readRow(fields: Fields, paymentHash: string): PaymentRow {
  const paid = fields.flag("paid");
  if (fields.find("details") === undefined) {
    throw new L402Error("PROVIDER_UNAUTHORIZED", "LNbits does not take this key for that of the payment's wallet.", {
      hint: "Use a key of the wallet itself, not of one that is shared with you, and one that was not replaced.",
    });
  }
  if (fields.text("details.payment_hash").toLowerCase() !== paymentHash)
    throw fields.unknownValue("details.payment_hash");
  return {
    paid,
    failed: fields.find("status") === "failed" || fields.find("details.status") === "failed",
    amountMsat: fields.whole("details.amount"),
    // Below zero where it was paid to others.
    feeMsat: Math.abs(fields.whole("details.fee")),
    preimage: fields.find("preimage") ?? fields.find("details.preimage"),
  };
}
