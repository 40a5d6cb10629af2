import {
  type ConnectionOptions,
  checkAmount,
  checkedInvoice,
  checkPaymentHash,
  invoiceIn,
  knownPreimage,
  sha256Hex,
} from "@l402/backend";
import {
  type Clock,
  checkOption,
  type Invoice,
  type InvoiceState,
  L402Error,
  type LightningProvider,
  refuseUnknownOptions,
} from "@l402/core";
import { createLnurlService, NAME, type PayTerms, throwOwnError } from "./lnurl-service.ts";
import { addressUrl, serviceUrl } from "./service-url.ts";
import { packVerifyUrl, unpackVerifyUrl } from "./verify-url.ts";

export interface LnurlOptions extends ConnectionOptions {
  /** A Lightning Address, such as `you@example.com`. */
  address: string | undefined;
  /**
   * Whether the address's service keeps a preimage secret until the invoice is paid. If so, the preimage alone opens a
   * route, and the service need not support LUD-21. Without LUD-21, no invoice can be looked up. Default false.
   */
  preimageProvesPayment?: boolean | undefined;
  /** How to treat an invoice that does not commit to the service's own description of the address. Default "strict". */
  descriptionHash?: "strict" | "warn" | "ignore" | undefined;
  /** Called with the warning for `descriptionHash: "warn"`. Default `console.warn`. */
  onWarning?: ((message: string) => void) | undefined;
  /** Also allows hosts outside the internet, even with plain HTTP. For development; never for addresses of users. */
  allowPrivateHosts?: boolean | undefined;
  /** Tells the time, for tests. Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * A payment that begins before the expiry may arrive in parts, for which nodes wait two minutes at most. The service's
 * clock may also be slow.
 */
const LATE_MS = 150_000;

const OPTIONS = ["address", "preimageProvesPayment", "descriptionHash", "onWarning", "allowPrivateHosts", "clock"];

/**
 * Receives payments at a Lightning Address, without an account or a key. Unless `preimageProvesPayment` is set, its
 * service must support LUD-21 (`verify`); otherwise `createInvoice` fails.
 */
export function createLnurl(options: LnurlOptions): LightningProvider {
  refuseUnknownOptions("createLnurl", options, [...OPTIONS, "timeoutSeconds", "fetch"]);
  const { allowPrivateHosts = false, preimageProvesPayment = false, descriptionHash = "strict" } = options;
  const { clock = () => new Date(), onWarning = (message) => console.warn(message), timeoutSeconds, fetch } = options;
  const isFlag = (value: unknown) => typeof value === "boolean";
  checkOption(isFlag(allowPrivateHosts), "createLnurl: allowPrivateHosts", "true or false");
  checkOption(isFlag(preimageProvesPayment), "createLnurl: preimageProvesPayment", "true or false");
  checkOption(
    ["strict", "warn", "ignore"].includes(descriptionHash),
    "createLnurl: descriptionHash",
    '"strict", "warn" or "ignore"',
  );
  checkOption(typeof onWarning === "function", "createLnurl: onWarning", "a function");
  const home = addressUrl(options.address, allowPrivateHosts);
  checkOption(
    home !== undefined,
    "createLnurl: address",
    "a Lightning Address such as you@example.com, on a public host",
  );
  checkOption(
    !home.hostname.endsWith(".onion") || fetch !== undefined,
    "createLnurl: fetch",
    "a function that sends requests through Tor, because address is a .onion address",
  );
  const service = createLnurlService(home, {
    allowPrivateHosts,
    timeoutSeconds,
    fetch,
  });

  /** The reference by which the invoice is looked up later. */
  function refOf(verify: string | undefined, paymentHash: string): string | undefined {
    const url = verify === undefined ? undefined : serviceUrl(verify, allowPrivateHosts);
    const ref = url && packVerifyUrl(url, paymentHash, home as URL);
    if (ref !== undefined || preimageProvesPayment) return ref;
    // SECURITY: otherwise a buyer would pay and get no service (lnurl.test.ts, "sells nothing that it could not").
    throw new L402Error(
      "PROVIDER_REJECTED",
      verify === undefined
        ? "The service of the Lightning Address does not support LUD-21 (verify), so createLnurl could not confirm a payment. No invoice was offered."
        : "The verify URL from the service of the Lightning Address is not valid, or too long for a token, so createLnurl could not confirm a payment. No invoice was offered.",
      {
        hint: "Use an address of another service. If this service reveals a preimage only after the payment, set preimageProvesPayment to true.",
      },
    );
  }

  async function order(terms: PayTerms, input: Parameters<LightningProvider["createInvoice"]>[0]): Promise<Invoice> {
    const { callback, minSendable, maxSendable, metadata } = terms;
    const { amountMsat, signal } = input;
    if (amountMsat < minSendable || amountMsat > maxSendable) {
      throw new L402Error("PROVIDER_REJECTED", "The service of the Lightning Address does not accept this amount.", {
        hint: `Use a price from ${minSendable} to ${maxSendable} msat.`,
      });
    }
    const url = new URL(callback);
    url.search += `${url.search ? "&" : "?"}amount=${amountMsat}`;
    const fields = await service.ask(url, signal);
    throwOwnError(fields);
    const invoice = checkedInvoice(NAME, input, { bolt11: fields.text("pr") });
    if (descriptionHash !== "ignore" && invoiceIn(invoice.bolt11)?.descriptionHash !== (await sha256Hex(metadata))) {
      const text =
        "The invoice from the Lightning Address service does not contain the hash of the address's description, which LUD-06 requires.";
      const hint = 'If you know that this service leaves the hash out, set descriptionHash to "warn" or "ignore".';
      if (descriptionHash === "strict") throw new L402Error("PROVIDER_BAD_RESPONSE", text, { hint });
      onWarning(`createLnurl: ${text} ${hint}`);
    }
    const providerRef = refOf(fields.optionalText("verify"), invoice.paymentHash);
    return { ...invoice, ...(providerRef !== undefined && { providerRef }) };
  }

  return {
    name: "lnurl",
    preimageProvesPayment,

    async createInvoice(input) {
      checkAmount(NAME, input.amountMsat);
      return service.onTerms(input.signal, (terms) => order(terms, input));
    },

    async lookupInvoice({ paymentHash, providerRef }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash(NAME, paymentHash);
      const url =
        providerRef === undefined ? undefined : unpackVerifyUrl(providerRef, paymentHash, home, allowPrivateHosts);
      if (!url) {
        throw new L402Error(
          "PROVIDER_REJECTED",
          "createLnurl cannot look up this invoice, because its providerRef is missing or not valid.",
          {
            hint: "Pass the providerRef that createInvoice returned. Services without LUD-21 (verify) have none.",
          },
        );
      }
      const fields = await service.ask(url, signal);
      // Blink answers this for an expired, unpaid invoice.
      if (fields.find("status") === "ERROR" && /\bexpired\b/i.test(fields.optionalText("reason") ?? "")) {
        return { status: "expired" };
      }
      throwOwnError(fields);
      const invoice = invoiceIn(fields.text("pr"));
      // SECURITY: the payment of another invoice does not count for this one (lnurl.test.ts, "the state of another").
      if (invoice?.paymentHash !== paymentHash) throw fields.unknownValue("pr");
      if (!fields.flag("settled")) {
        // SECURITY: a buyer who is told "expired" pays another invoice (lnurl.test.ts, "in the last second").
        const isOver = clock().getTime() >= invoice.expiresAt.getTime() + LATE_MS;
        return { status: isOver ? "expired" : "open" };
      }
      return { status: "settled", ...knownPreimage(fields.find("preimage"), paymentHash) };
    },
  };
}
