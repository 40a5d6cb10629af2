import type { InvoiceState, PaywallRequest, TokenClaims } from "@l402/core";
import { browserIdsOf } from "./browser-id.ts";
import { type Claim, readClaim } from "./claim.ts";
import { claimName, isClaimName, passName } from "./cookie-names.ts";
import { type Cookie, pagePath, passPathOf, readCookies, setCookie } from "./cookies.ts";
import type { PageParts } from "./page-parts.ts";
import { paidPasses } from "./paid-passes.ts";

/**
 * How many bytes of claims, and of passes, a browser may hold for one path. Claims of the folders above count too, and
 * are deleted where they are; passes of these stay, because they are paid. A request with more than 8 KiB of cookies is
 * refused by nginx, and one with more than 16 KiB of headers by Node.
 */
const MAX_BYTES = 3500;
/** Each deletion takes room in the answer's headers. One for each new cookie would do if all were of one length. */
const MAX_DELETED = 2;
/** Longer than any pass lasts. */
const LONGER_THAN_ANY_MS = 3_000_000_000_000;

type Lines = [string, string][];

/** A cookie that the browser sends already, the path that it was set for, and when it ends. */
interface Held {
  name: string;
  value: string;
  path: string;
  endsAt: number;
  /** How many bytes it counts as. */
  bytes: number;
}

/** The cookie that a browser receives with an invoice. */
export function claimCookie(
  { settings, seals }: PageParts,
  request: PaywallRequest,
  { claim, paymentHash, maxAgeSeconds }: { claim: string; paymentHash: string; maxAgeSeconds: number },
): Lines {
  const browserIds = browserIdsOf(request);
  const path = pagePath(request, settings);
  const held = readCookies(request, isClaimName).map((cookie) => {
    const { expiresAt, pathLength } = readClaim(cookie.value, browserIds, seals) ?? {};
    return { ...cookie, path: path.slice(0, pathLength), endsAt: expiresAt?.getTime() ?? 0, bytes: bytesOf(cookie) };
  });
  return placed({ name: claimName(paymentHash), value: claim, path, maxAgeSeconds }, held);
}

/** The cookie that a browser receives when its invoice was paid. It is shorter than the claim before it. */
export async function passCookie(
  parts: PageParts,
  request: PaywallRequest,
  paid: { token: string; claims: TokenClaims; state: Extract<InvoiceState, { status: "settled" }> },
): Promise<Lines> {
  const { engine, settings, proofs } = parts;
  const { token, claims, state } = paid;
  const maxAgeSeconds = (claims.expiresAt.getTime() - engine.clock().getTime()) / 1000;
  const path = passPathOf(request, settings);
  const held = (await paidPasses(parts, request)).map(({ name, value, token: { claims: other } }) => {
    const one = { name, value, path, endsAt: other.expiresAt.getTime(), bytes: bytesOf({ name, value }) };
    if (other.resource !== claims.resource) return one;
    // A new pass is mostly bought when those of the same resource are used up, so these give way first and count
    // double: pages that are bought again and again, one in the folder of the other, must not fill the header.
    return { ...one, endsAt: one.endsAt - LONGER_THAN_ANY_MS, bytes: 2 * one.bytes };
  });
  const name = passName(claims.paymentHash);
  const value = `${token}:${proofs.of(state, token, claims)}`;
  return placed({ name, value, path, maxAgeSeconds }, held);
}

/** Deletes the claim of a browser that has its pass, at the path of the page that set it. */
export const claimCookieOver = (
  { settings }: PageParts,
  request: PaywallRequest,
  { pathLength, paymentHash }: Pick<Claim, "pathLength"> & Pick<TokenClaims, "paymentHash">,
): Lines => deleted(claimName(paymentHash), pagePath(request, settings).slice(0, pathLength));

/** Sets a cookie. Of the others of its kind, those that end first give way when there are too many. */
function placed(cookie: Cookie, held: Held[]): Lines {
  const lines = setCookie(cookie);
  if (lines.length === 0) return [];
  const kept = new Set([keyOf(cookie)]);
  let bytes = bytesOf(cookie);
  for (const other of held.sort((a, b) => b.endsAt - a.endsAt)) {
    if (kept.has(keyOf(other))) continue;
    bytes += other.bytes;
    if (bytes <= MAX_BYTES) kept.add(keyOf(other));
    else if (lines.length <= MAX_DELETED) lines.push(...deleted(other.name, other.path));
  }
  return lines;
}

const bytesOf = ({ name, value }: Pick<Cookie, "name" | "value">) => name.length + value.length;

/** What a browser tells the cookies of a host apart by. */
const keyOf = ({ name, path }: Pick<Cookie, "name" | "path">) => `${name} ${path}`;

const deleted = (name: string, path: string): Lines => setCookie({ name, value: "", path, maxAgeSeconds: 0 });
