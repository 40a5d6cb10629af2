import { paymentHashOfMacaroon } from "./macaroon/macaroon-identifier.ts";
import { splitSignedJson } from "./signed-json/signed-json-text.ts";

/**
 * The payment hash that a token says it is for, in either format; `undefined` where it cannot be read. Nothing is proven
 * by it. A buyer compares it with the invoice before paying: a token for another payment would be worth nothing.
 */
export function paymentHashOf(token: string): string | undefined {
  try {
    const { hash } = JSON.parse(`${splitSignedJson(token).head}}`) as { hash?: unknown };
    return typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
  } catch {
    return paymentHashOfMacaroon(token);
  }
}
