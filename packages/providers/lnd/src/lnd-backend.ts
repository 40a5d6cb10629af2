import { type Answer, type ConnectionOptions, createBackend, type Refusal } from "@l402/backend";
import { checkOption, refuseUnknownOptions } from "@l402/core";

export interface LndOptions extends ConnectionOptions {
  /** LND's REST URL, such as `https://127.0.0.1:8080`. LND's port 10009 is for gRPC, and does not answer. */
  url: string | undefined;
  /** In hex. To sell, `lncli bakemacaroon invoices:read invoices:write`; to pay, `offchain:read offchain:write`. */
  macaroon: string | undefined;
  /** The text of LND's `tls.cert`, if LND uses its own certificate. */
  tlsCert?: string | undefined;
  /** Trusts any certificate. For development: refused unless `url` is on this computer or a private network. */
  skipTlsVerify?: boolean | undefined;
}

export function createLndBackend(owner: string, options: LndOptions, more: readonly string[] = []) {
  const names = ["url", "macaroon", "tlsCert", "skipTlsVerify", "timeoutSeconds", "fetch"];
  refuseUnknownOptions(owner, options, [...names, ...more]);
  const { url, macaroon, tlsCert, skipTlsVerify, timeoutSeconds, fetch } = options;
  const permissions = owner === "createLnd" ? "invoices:read invoices:write" : "offchain:read offchain:write";
  checkOption(
    typeof macaroon === "string" && /^([0-9a-f]{2}){20,}$/i.test(macaroon),
    `${owner}: macaroon`,
    `a macaroon in hex, as \`lncli bakemacaroon ${permissions}\` prints it, or \`xxd -p -c 9999\` of a file`,
  );
  return createBackend({
    name: "LND",
    owner,
    url,
    headers: { "Grpc-Metadata-Macaroon": macaroon },
    tlsCert,
    skipTlsVerify,
    explain,
    timeoutSeconds,
    fetch,
  });
}

/** Only LND's words show the cause: it answers HTTP 500 for a missing permission and for a locked wallet as well. */
const MEANINGS: readonly [words: RegExp, meaning: Refusal][] = [
  [
    /permission denied|verification failed|caveat .{1,300} not satisfied|expected 1 macaroon|cannot get macaroon|unmarshal v\d|format of binary-encoded/,
    {
      code: "PROVIDER_UNAUTHORIZED",
      certain: true,
      hint: "LND refuses the macaroon. Check that it is whole, from this node, not expired or locked to another IP address, and that it has the needed permissions.",
    },
  ],
  [
    /waiting to start, RPC|wallet locked|wallet not created|in the process of starting up|not yet ready/,
    {
      code: "PROVIDER_UNREACHABLE",
      certain: true,
      hint: "LND's wallet is locked, or LND is still starting. Unlock it with `lncli unlock`, or try again later.",
    },
  ],
  [
    /unable to locate invoice|there are no existing invoices/,
    {
      code: "PROVIDER_REJECTED",
      hint: "LND has no invoice with this payment hash. Check that url leads to the node that created it; LND may also have deleted the invoice after it was canceled.",
    },
  ],
  // LND checks these before it begins a payment.
  [
    /self-payments not allowed/,
    {
      code: "PROVIDER_REJECTED",
      certain: true,
      hint: "LND cannot pay an invoice of its own node. Pay from another node.",
    },
  ],
  [
    /invoice not for current active network/,
    {
      code: "PROVIDER_REJECTED",
      certain: true,
      hint: "The invoice is for another Bitcoin network than this node. Use a node on the network of the invoice.",
    },
  ],
];

function explain({ status, text, body }: Answer): Refusal | undefined {
  // SECURITY: a page of a proxy may contain the same words while LND pays, but it is not JSON
  // (create-lnd-wallet.test.ts, "takes only JSON").
  if (body === undefined || (status !== 500 && status !== 404)) return undefined;
  return MEANINGS.find(([words]) => words.test(text))?.[1];
}
