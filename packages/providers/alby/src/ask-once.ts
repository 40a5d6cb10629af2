import type { NwcClient, NwcQuestion } from "./nwc-connection.ts";

/** A question on its way. */
export interface NwcCall extends Required<Pick<NwcQuestion, "method" | "params" | "seconds">> {
  /** Whether the wallet may have it. */
  isSent: boolean;
  /** Nobody waits any more. */
  isOver: boolean;
}

/** Parts of an `NWCClient` of @getalby/sdk 7 and 8; the first and the last are not public. */
interface SdkClient extends NwcClient {
  executeNip47Request(
    method: string,
    params: unknown,
    isValid: (result: unknown) => boolean,
    timeouts: { replyTimeout: number; publishTimeout: number },
  ): Promise<unknown>;
  signEvent(event: { tags: string[][] }): Promise<unknown>;
  decrypt(pubkey: string, content: string): Promise<string>;
  _encryptionType?: string;
}

/** A wallet that comes online later must not pay any more. */
const VALID_SECONDS = 60;
const PUBLIC_NAMES = {
  make_invoice: "makeInvoice",
  lookup_invoice: "lookupInvoice",
  pay_invoice: "payInvoice",
} as const;

/**
 * Asks through the SDK's client.
 *
 * SECURITY: its public methods write answers to the console that they do not like, preimage included, and end the process
 * with an unhandled rejection when one cannot be decrypted (alby-faults.test.ts, "garbage"). So this takes the method
 * that they are made of, with an object of its own for every call.
 */
export async function askOnce(client: NwcClient, call: NwcCall): Promise<unknown> {
  const { method, params, seconds } = call;
  if (!isSdkClient(client)) {
    call.isSent = true;
    return client[PUBLIC_NAMES[method]](params as never);
  }
  const scoped: SdkClient = Object.create(client);
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
      return isObject(JSON.parse(text)) ? text : UNREADABLE;
    } catch {
      return UNREADABLE;
    }
  };
  // Ours is the time limit that counts; the SDK's ends what it still does.
  const patience = { replyTimeout: (seconds + 1) * 1000, publishTimeout: (seconds + 1) * 1000 };
  try {
    return await scoped.executeNip47Request(method, params, () => true, patience);
  } finally {
    // What it found out about the wallet need not be asked again.
    if (scoped._encryptionType !== undefined) client._encryptionType = scoped._encryptionType;
  }
}

/** The SDK rejects with an error of its own for it. */
const UNREADABLE = "unreadable";

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const isSdkClient = (client: NwcClient): client is SdkClient =>
  (["executeNip47Request", "signEvent", "decrypt"] as const).every(
    (name) => typeof (client as Partial<SdkClient>)[name] === "function",
  );
