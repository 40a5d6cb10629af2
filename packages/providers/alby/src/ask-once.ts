import type { NwcClient, NwcQuestion } from "./nwc-connection.ts";
import { walletCode } from "./nwc-error.ts";

/** A request to the wallet, and how far it has come. */
export interface NwcCall extends Required<Pick<NwcQuestion, "method" | "params" | "seconds">> {
  /** True as soon as the wallet may have received the request. */
  isSent: boolean;
  /** True when the caller no longer waits for the answer. */
  isOver: boolean;
  /** The code with which the wallet refused. */
  refused?: string;
  /** True if the wallet's answer cannot be decrypted, or is not JSON. */
  isUnreadable?: boolean;
}

/** The parts that we use of an `NWCClient` of @getalby/sdk 7 and 8. Those with an underscore and the first are not public. */
interface SdkClient extends NwcClient {
  executeNip47Request(
    method: string,
    params: unknown,
    isValid: (result: unknown) => boolean,
    timeouts: { replyTimeout: number; publishTimeout: number },
  ): Promise<unknown>;
  signEvent(event: { tags: string[][] }): Promise<unknown>;
  decrypt(pubkey: string, content: string): Promise<string>;
  getWalletServiceInfo(): Promise<unknown>;
  relayUrls: string[];
  _checkConnected(): Promise<void>;
  _encryptionType?: string;
  /** Only version 8 has it. */
  logger?: unknown;
}

/** How long a request is valid: a wallet that comes online later must not pay any more. */
const VALID_SECONDS = 60;
const PUBLIC_NAMES = {
  make_invoice: "makeInvoice",
  lookup_invoice: "lookupInvoice",
  pay_invoice: "payInvoice",
} as const;

/**
 * Sends a request through the SDK's client.
 *
 * SECURITY: the SDK's public methods write unexpected answers to the console, including the preimage. They also end the
 * process with an unhandled rejection if an answer cannot be decrypted (alby-faults.test.ts, "garbage"). So this
 * function calls the internal method behind them, with its own object for every call.
 */
export async function askOnce(client: NwcClient, call: NwcCall): Promise<unknown> {
  const { method, params, seconds } = call;
  if (!isSdkClient(client)) {
    call.isSent = true;
    return client[PUBLIC_NAMES[method]](params as never);
  }
  const scoped: SdkClient = Object.create(client);
  if (!client.logger) scoped.getWalletServiceInfo = () => Promise.any(client.relayUrls.map(infoFrom(client)));
  scoped.signEvent = (event) => {
    // SECURITY: a payment that its caller has given up must not be sent later (alby-faults.test.ts, "given up").
    if (call.isOver) return new Promise(() => {});
    call.isSent = true;
    const expiration = Math.floor(Date.now() / 1000) + VALID_SECONDS;
    return client.signEvent({ ...event, tags: [...event.tags, ["expiration", `${expiration}`]] });
  };
  scoped.decrypt = async (pubkey, content) => {
    try {
      const text = await client.decrypt.call(scoped, pubkey, content);
      // `null` would end the process in the SDK; this throws at it.
      const { result, error } = JSON.parse(text);
      // Take the code from here, because in a minified bundle the SDK's errors have other names.
      if (!result) call.refused = walletCode(error?.code);
      return text;
    } catch {
      call.isUnreadable = true;
      return UNREADABLE;
    }
  };
  // Our own time limit decides. The SDK's limit, one second later, ends the SDK's remaining work.
  const patience = { replyTimeout: (seconds + 1) * 1000, publishTimeout: (seconds + 1) * 1000 };
  try {
    return await scoped.executeNip47Request(method, params, () => true, patience);
  } finally {
    // Keep the encryption type that the SDK found out, so that it need not ask the wallet again.
    if (scoped._encryptionType !== undefined) client._encryptionType = scoped._encryptionType;
  }
}

/**
 * Asks one relay what the wallet supports. Version 7 of the SDK asks all relays and waits for each of them, which takes
 * longer than a paywall waits if one is silent (alby-faults.test.ts, "one of two relays").
 */
const infoFrom = (client: SdkClient) => (relay: string) => {
  const one: SdkClient = Object.create(client);
  // The SDK has checked that there is a relay, and would write to the console that this one cannot be reached.
  return Object.assign(one, { relayUrls: [relay], _checkConnected: async () => {} }).getWalletServiceInfo();
};

/** A text that is not JSON: the SDK rejects it with its own error. */
const UNREADABLE = "unreadable";

const isSdkClient = (client: NwcClient): client is SdkClient =>
  (["executeNip47Request", "signEvent", "decrypt"] as const).every(
    (name) => typeof (client as Partial<SdkClient>)[name] === "function",
  );
