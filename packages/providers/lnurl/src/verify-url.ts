import { serviceUrl } from "./service-url.ts";

/** A normalised URL cannot contain these characters. */
const HASH = "<>";
const MAX_LENGTH = 128;

/**
 * Packs the verify URL into a reference for the token, without the payment hash, and without the service's origin if it
 * is too long with it. A reference with its origin still works after the seller has moved to another service. Returns
 * `undefined` if the reference is too long for a token all the same.
 */
export function packVerifyUrl(url: URL, paymentHash: string, home: URL): string | undefined {
  const text = url.href.replaceAll(paymentHash, HASH);
  const { origin } = home;
  const refs = [text, ...(text.startsWith(`${origin}/`) ? [text.slice(origin.length)] : [])];
  return refs.find(
    (ref) => ref.length <= MAX_LENGTH && /^[!-~]+$/.test(ref) && rebuild(ref, paymentHash, home) === url.href,
  );
}

/** Unpacks a verify URL and checks it again, because a reference can come from anywhere. */
export function unpackVerifyUrl(
  ref: string,
  paymentHash: string,
  home: URL,
  allowPrivateHosts: boolean,
): URL | undefined {
  const text = rebuild(ref, paymentHash, home);
  return text === undefined ? undefined : serviceUrl(text, allowPrivateHosts);
}

function rebuild(ref: string, paymentHash: string, home: URL): string | undefined {
  const text = ref.replaceAll(HASH, paymentHash);
  return URL.canParse(text, home.href) ? new URL(text, home.href).href : undefined;
}
