import { type Answer, type ConnectionOptions, createBackend, type Refusal } from "@l402/backend";
import { checkOption, refuseUnknownOptions } from "@l402/core";

export interface LndOptions extends ConnectionOptions {
  /** LND's REST URL, such as `https://127.0.0.1:8080`. */
  url: string;
  /** In hex. To sell, `lncli bakemacaroon invoices:read invoices:write`; to pay, `offchain:read offchain:write`. */
  macaroon: string;
  /** The text of LND's `tls.cert`, if LND uses its own certificate. */
  tlsCert?: string;
  /** Trusts any certificate. For development: refused unless `url` is on this computer or a private network. */
  skipTlsVerify?: boolean;
}

export function createLndBackend(owner: string, options: LndOptions, more: readonly string[] = []) {
  const names = ["url", "macaroon", "tlsCert", "skipTlsVerify", "timeoutSeconds", "fetch"];
  refuseUnknownOptions(owner, options, [...names, ...more]);
  const { url, macaroon, tlsCert, skipTlsVerify, timeoutSeconds, fetch } = options;
  checkOption(
    typeof macaroon === "string" && /^([0-9a-f]{2}){20,}$/i.test(macaroon),
    `${owner}: macaroon`,
    "the macaroon file in hex, such as from `xxd -p -c 9999 invoice.macaroon`",
  );
  return createBackend({
    name: "LND",
    url,
    headers: { "Grpc-Metadata-Macaroon": macaroon },
    tlsCert,
    skipTlsVerify,
    explain,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(fetch && { fetch }),
  });
}

/** Only LND's words show the cause: it answers HTTP 500 for a missing permission and for a locked wallet as well. */
const MEANINGS: readonly [words: RegExp, meaning: Refusal][] = [
  [
    /permission denied|verification failed|expected 1 macaroon|cannot (determine|get) macaroon/,
    { code: "PROVIDER_UNAUTHORIZED", certain: true, hint: "Check the macaroon, its permissions and its node." },
  ],
  [
    /wallet locked|wallet not created|in the process of starting up|not yet ready/,
    { code: "PROVIDER_UNREACHABLE", certain: true, hint: "LND's wallet is locked, or LND is still starting." },
  ],
  [
    /unable to locate invoice|there are no existing invoices/,
    { code: "PROVIDER_REJECTED", hint: "LND has no such invoice; it may have deleted one that was canceled." },
  ],
  // LND checks these before it begins a payment.
  [
    /self-payments not allowed/,
    { code: "PROVIDER_REJECTED", certain: true, hint: "LND does not pay its own invoices. Pay from another node." },
  ],
  [
    /invoice not for current active network/,
    { code: "PROVIDER_REJECTED", certain: true, hint: "The invoice is for another network than this node is on." },
  ],
];

function explain({ status, text, body }: Answer): Refusal | undefined {
  // A page of a proxy may contain the same words, but it is not JSON.
  if (body === undefined || (status !== 500 && status !== 404)) return undefined;
  return MEANINGS.find(([words]) => words.test(text))?.[1];
}
