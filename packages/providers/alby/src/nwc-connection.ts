import { type ConnectionOptions, withinTime } from "@l402/backend";
import { checkOption, L402Error, refuseUnknownOptions } from "@l402/core";
import { askOnce, type NwcCall } from "./ask-once.ts";
import { loadSdk } from "./load-sdk.ts";
import { codeOfWallet, failureOf } from "./nwc-error.ts";
import { type NwcUrl, readNwcUrl } from "./nwc-url.ts";

/** The methods that we use of an `NWCClient` of @getalby/sdk. */
export interface NwcClient {
  makeInvoice(request: { amount: number; description?: string; expiry?: number }): Promise<unknown>;
  lookupInvoice(request: { payment_hash: string }): Promise<unknown>;
  payInvoice(request: { invoice: string }): Promise<unknown>;
}

export interface AlbyOptions extends Pick<ConnectionOptions, "timeoutSeconds"> {
  /** The connection secret of an app. It begins with `nostr+walletconnect://`. */
  url?: string | undefined;
  /** Instead of `url`: your own `NWCClient`. It is never closed here. */
  client?: NwcClient | undefined;
}

export interface NwcQuestion {
  method: "make_invoice" | "lookup_invoice" | "pay_invoice";
  params: Record<string, unknown>;
  seconds?: number;
  signal?: AbortSignal | undefined;
}

/** The wallet's result, or the code with which it refused. */
type NwcReply = { result: unknown } | { refused: string };

/** An unused connection is closed after this time, so that a program can end. */
const IDLE_SECONDS = 3;

interface Session {
  client: Promise<NwcClient & { close?(): void }>;
  users: number;
  idle?: ReturnType<typeof setTimeout>;
}

/** Sends requests to a wallet by Nostr Wallet Connect. Opens the connection when it is needed. */
export function createNwcConnection(owner: string, options: AlbyOptions, more: readonly string[] = []) {
  refuseUnknownOptions(owner, options, ["url", "client", "timeoutSeconds", ...more]);
  const { url, client: given, timeoutSeconds = 10 } = options;
  checkOption(
    typeof timeoutSeconds === "number" && timeoutSeconds > 0 && timeoutSeconds <= 600,
    `${owner}: timeoutSeconds`,
    "a number of seconds, greater than 0 and at most 600",
  );
  checkOption(!(url !== undefined && given), `${owner}: client`, "left out if url is set");
  checkOption(!given || typeof given.payInvoice === "function", `${owner}: client`, "an NWCClient of @getalby/sdk");
  const address = given ? undefined : readNwcUrl(owner, url);
  let session: Session | undefined;

  function enter(): Session {
    session ??= { client: address ? openClient(address) : Promise.resolve(given as NwcClient), users: 0 };
    clearTimeout(session.idle);
    session.users++;
    return session;
  }

  function leave(from: Session): void {
    from.users--;
    if (from.users > 0 || !address) return;
    const close = () => from.client.then((client) => client.close?.()).catch(() => {});
    // A failed connection is not used again.
    if (from !== session) void close();
    else from.idle = setTimeout(close, IDLE_SECONDS * 1000);
  }

  return {
    /** Sends one request. Throws only if the wallet gives no answer; the error's `fundsMoved` is truthful. */
    async ask({ method, params, seconds = timeoutSeconds, signal }: NwcQuestion): Promise<NwcReply> {
      if (signal?.aborted)
        throw new L402Error(
          "PROVIDER_TIMEOUT",
          "The wallet was not asked, because the caller aborted the request before.",
        );
      const call: NwcCall = { method, params, seconds, isSent: false, isOver: false };
      const fundsMoved = () => (method === "pay_invoice" && call.isSent ? "maybe" : "no");
      const late = (why: "caller" | "clock") =>
        new L402Error(
          "PROVIDER_TIMEOUT",
          why === "caller"
            ? "The wallet had not answered when the caller aborted the request."
            : `The wallet did not answer over Nostr Wallet Connect within ${seconds} s.`,
          { fundsMoved: fundsMoved(), ...(why === "clock" && { hint: OFFLINE }) },
        );
      const used = enter();
      try {
        const run = async () => askOnce(await used.client, call);
        return { result: await withinTime({ seconds, caller: signal, late }, run) };
      } catch (error) {
        const refused = codeOfWallet(error, call);
        // A new session also finds out anew which encryption the wallet supports.
        const isBroken = refused === undefined || refused === "UNSUPPORTED_ENCRYPTION";
        if (isBroken && session === used) session = undefined;
        if (refused !== undefined) return { refused };
        throw failureOf(error, call, fundsMoved());
      } finally {
        call.isOver = true;
        leave(used);
      }
    },
  };
}

const OFFLINE =
  "Check that the wallet is online, that its app connection in url still exists, and that the clock of this computer is right.";

async function openClient(address: NwcUrl) {
  const { NWCClient } = await loadSdk();
  return new NWCClient(address);
}
