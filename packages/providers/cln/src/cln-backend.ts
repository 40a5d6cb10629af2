import { type Answer, type ConnectionOptions, createBackend, type Question, type Refusal } from "@l402/backend";
import { checkOption, refuseUnknownOptions } from "@l402/core";
import { rpcErrorIn } from "./rpc-error.ts";

export interface ClnOptions extends ConnectionOptions {
  /** The URL of the plugin clnrest, such as `https://127.0.0.1:3010`. */
  url: string | undefined;
  /** A rune. To sell, it must permit `invoice` and `listinvoices`; to pay, `xpay`, `pay` and `listpays`. */
  rune: string | undefined;
  /** The text of clnrest's `ca.pem`, if clnrest uses its own certificate. */
  tlsCert?: string | undefined;
  /** Trusts any certificate. For development: refused unless `url` is on this computer or a private network. */
  skipTlsVerify?: boolean | undefined;
}

export function createClnBackend(owner: string, options: ClnOptions, more: readonly string[] = []) {
  const names = ["url", "rune", "tlsCert", "skipTlsVerify", "timeoutSeconds", "fetch"];
  refuseUnknownOptions(owner, options, [...names, ...more]);
  const { url, rune, tlsCert, skipTlsVerify, timeoutSeconds, fetch } = options;
  checkOption(
    typeof rune === "string" && /^[\w-]{43,}={0,2}$/.test(rune),
    `${owner}: rune`,
    "a rune, as `lightning-cli createrune` prints it",
  );
  const backend = createBackend({
    name: "CLN",
    owner,
    url,
    headers: { Rune: rune },
    tlsCert,
    skipTlsVerify,
    explain,
    timeoutSeconds,
    fetch,
  });
  return {
    /** Calls a method of Core Lightning. Every method is a POST, even those that only read. */
    call: (method: string, params: object, more: Partial<Question> = {}): Promise<Answer> =>
      backend.ask({ method: "POST", path: `/v1/${method}`, json: params, ...more }),
  };
}

const INVALID_PARAMS = -32602;
const NO_PRIVATE_CHANNEL = 902;

function explain(answer: Answer): Refusal | undefined {
  const { status } = answer;
  const error = rpcErrorIn(answer);
  if (!error) return undefined;
  if (status === 401 && /\brate|too (soon|many)/i.test(error.message)) {
    return {
      code: "PROVIDER_RATE_LIMITED",
      hint: "The rate limit of the rune is reached. Wait, or use a rune with a higher rate limit.",
    };
  }
  if (status === 401 || status === 403) {
    const hint =
      "CLN refuses the rune: it is from another node, was revoked, or does not permit this method. Create one with `lightning-cli createrune`.";
    return { code: "PROVIDER_UNAUTHORIZED", hint };
  }
  if (error.code === INVALID_PARAMS) return { code: "PROVIDER_REJECTED" };
  if (error.code === NO_PRIVATE_CHANNEL) {
    return {
      code: "PROVIDER_REJECTED",
      hint: "The node has no private channel for a route hint. Leave privateRouteHints out.",
    };
  }
  return undefined;
}
