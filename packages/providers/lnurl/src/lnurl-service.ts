import {
  type Answer,
  type ConnectionOptions,
  createBackend,
  type Fields,
  type Refusal,
  readFields,
} from "@l402/backend";
import { L402Error } from "@l402/core";
import { publicFetch } from "./public-fetch.ts";
import { serviceUrl } from "./service-url.ts";

export const NAME = "The Lightning Address service";

/** The terms of an address that a service states before it makes invoices. They seldom change. */
export interface PayTerms {
  callback: URL;
  minSendable: number;
  maxSendable: number;
  metadata: string;
}

const REMEMBERED_MS = 600_000;

/** The HTTP service behind a Lightning Address. */
export function createLnurlService(home: URL, options: ConnectionOptions & { allowPrivateHosts: boolean }) {
  const { allowPrivateHosts, timeoutSeconds, fetch = allowPrivateHosts ? undefined : publicFetch() } = options;
  const backendAt = ({ origin }: URL) =>
    createBackend({
      name: NAME,
      owner: "createLnurl",
      url: origin,
      urlName: "the Lightning Address",
      explain,
      timeoutSeconds,
      fetch,
    });
  // This call checks the options.
  backendAt(home);
  let remembered: { terms: PayTerms; at: number } | undefined;

  /** Resolves to the answer, which may be the service's own error: LNURL has no HTTP status for errors. */
  async function ask(url: URL, signal: AbortSignal | undefined): Promise<Fields> {
    const answer = await backendAt(url).ask({ path: `${url.pathname}${url.search}`, accept: isOwnError, signal });
    return readFields(NAME, answer);
  }

  async function readTerms(signal: AbortSignal | undefined): Promise<PayTerms> {
    const fields = await ask(home, signal);
    throwOwnError(fields);
    if (fields.text("tag") !== "payRequest") throw fields.unknownValue("tag");
    const callback = serviceUrl(fields.text("callback"), allowPrivateHosts);
    if (!callback) throw fields.unknownValue("callback");
    const metadata = fields.text("metadata");
    const most = fields.find("maxSendable");
    // Some services name an amount that is too large for a whole number here.
    const isHuge = typeof most === "number" && most > Number.MAX_SAFE_INTEGER;
    const maxSendable = isHuge ? most : fields.whole("maxSendable");
    return { callback, minSendable: fields.whole("minSendable"), maxSendable, metadata };
  }

  return {
    ask,
    /** Runs `act` on the remembered terms. If it is refused, runs it once more on fresh terms. */
    async onTerms<Result>(signal: AbortSignal | undefined, act: (terms: PayTerms) => Promise<Result>): Promise<Result> {
      if (remembered && performance.now() - remembered.at < REMEMBERED_MS) {
        try {
          return await act(remembered.terms);
        } catch (error) {
          const { code } = error as L402Error;
          if (code !== "PROVIDER_REJECTED" && code !== "PROVIDER_BAD_RESPONSE") throw error;
          remembered = undefined;
        }
      }
      const terms = await readTerms(signal);
      const result = await act(terms);
      remembered = { terms, at: performance.now() };
      return result;
    },
  };
}

/**
 * Throws if the answer is `{"status": "ERROR"}`, with any HTTP status. Leaves out the reason, which may hold any text.
 */
export function throwOwnError(fields: Fields): void {
  if (fields.find("status") !== "ERROR") return;
  throw new L402Error("PROVIDER_REJECTED", "The service of the Lightning Address refused the request.", {
    hint: "Check that the Lightning Address exists and accepts this amount. Many accept only whole sats.",
  });
}

const isOwnError = ({ status, body }: Answer): boolean =>
  [400, 404, 410, 422].includes(status) && (body as { status?: unknown } | null | undefined)?.status === "ERROR";

function explain({ status }: Answer): Refusal | undefined {
  if (status === 404 || status === 405) {
    return {
      code: "PROVIDER_REJECTED",
      hint: "Check the Lightning Address: its host has no such user, or does not support Lightning Addresses.",
    };
  }
  if (status >= 400) return undefined;
  return { code: "PROVIDER_REJECTED", hint: "Use the Lightning Address to which this one redirects." };
}
