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
  /** The URL of the LNbits server, such as `https://lnbits.example.com`. */
  url: string | undefined;
  /** A certificate in PEM, if LNbits uses its own certificate. */
  tlsCert?: string | undefined;
}

/**
 * Creates the connection to LNbits. `keyName` is the option with the LNbits key; `more` are the other allowed options.
 */
export function createLnbitsBackend<KeyName extends string>(
  owner: string,
  options: LnbitsConnection & Record<KeyName, string | undefined>,
  keyName: KeyName,
  more: readonly string[] = [],
): Backend {
  refuseUnknownOptions(owner, options, ["url", keyName, "tlsCert", "timeoutSeconds", "fetch", ...more]);
  const { url, tlsCert, timeoutSeconds, fetch, [keyName]: key } = options;
  checkOption(
    typeof key === "string" && /^[\w-]{8,200}$/.test(key),
    `${owner}: ${keyName}`,
    `the ${keyName === "adminKey" ? "Admin key" : "Invoice/read key"} of the wallet, which LNbits shows under "API docs"`,
  );
  return createBackend({
    name: "LNbits",
    owner,
    url,
    headers: { "X-Api-Key": key },
    tlsCert,
    explain,
    timeoutSeconds,
    fetch,
  });
}

/** LNbits answers 404 to an unknown key. It answers 520, as Cloudflare does too, when an invoice fails. */
function explain(answer: Answer): Refusal | undefined {
  if (answer.status === 404 && detailOf(answer) === "Wallet not found.") {
    return {
      code: "PROVIDER_UNAUTHORIZED",
      certain: true,
      hint: "LNbits has no wallet with this key. Check the key, and that url leads to the server of the wallet.",
    };
  }
  if (!isRefusal(answer) || answer.status !== 520) return undefined;
  return { code: isFinal(answer) ? "PROVIDER_REJECTED" : "PROVIDER_UNREACHABLE" };
}

/** True for the only 404 which means that this wallet has no payment with this payment hash. */
export const isNoPayment = (answer: Answer): boolean =>
  answer.status === 404 && detailOf(answer) === "Payment does not exist.";

/** True if LNbits itself refused the request, or failed to carry it out. */
export const isRefusal = (answer: Answer): boolean =>
  (answer.status === 400 || answer.status === 520) && detailOf(answer) !== undefined;

/** True if a refusal means that no payment is under way. */
export const isFinal = ({ status, body }: Answer): boolean =>
  status === 400 || (status === 520 && (body as { status?: unknown }).status === "failed");

/** The words of LNbits itself; `undefined` if another server answered. */
const detailOf = ({ body }: Answer): unknown =>
  typeof body === "object" && body !== null ? (body as { detail?: unknown }).detail : undefined;

/** The state of a payment in LNbits. The amount of an outgoing payment is negative. */
interface PaymentRow {
  paid: boolean;
  failed: boolean;
  amountMsat: number;
  feeMsat: number;
  preimage: unknown;
}

/**
 * Reads the row of a payment of this key's wallet. LNbits uses five shapes for it. A row without `details` is about the
 * payment of another wallet, or the key is no longer valid.
 */
export function readRow(fields: Fields, paymentHash: string): PaymentRow {
  const paid = fields.flag("paid");
  if (fields.find("details") === undefined) {
    throw new L402Error(
      "PROVIDER_UNAUTHORIZED",
      "LNbits hides the details of the payment, because the key is not of the wallet with this payment.",
      {
        hint: "Use the current key of that wallet. The key of a shared wallet, or a replaced key, does not work.",
      },
    );
  }
  if (fields.text("details.payment_hash").toLowerCase() !== paymentHash)
    throw fields.unknownValue("details.payment_hash");
  return {
    paid,
    failed: fields.find("status") === "failed" || fields.find("details.status") === "failed",
    amountMsat: fields.whole("details.amount"),
    // LNbits writes the fee of an outgoing payment as a negative number.
    feeMsat: Math.abs(fields.whole("details.fee")),
    preimage: fields.find("preimage") ?? fields.find("details.preimage"),
  };
}
