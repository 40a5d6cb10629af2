import { shortBrowserId } from "./browser-id.ts";
import type { PageParts } from "./page-parts.ts";
import { ifNotOurs } from "./paid-passes.ts";
import type { Seals } from "./seal.ts";

/**
 * The state of a page until its invoice is paid: the token, the invoice and its expiry, sealed for one browser. With
 * the claim, the browser asks whether the invoice was paid, and gets the same invoice again after a reload.
 *
 * SECURITY: the token alone is not a claim. A program's token can be shown to others, so it must not be enough to use
 * another person's payment (status.test.ts, "a bare token"). Without the seal on the invoice, an attacker who can set
 * cookies for a site could show visitors an invoice of his own (thief.test.ts, "an invoice of another").
 */
export interface Claim {
  token: string;
  invoice: string;
  expiresAt: Date;
  /** The length of the path of its cookie, which is the beginning of the path of each page that receives the cookie. */
  pathLength: number;
}

const PURPOSE = "claim";
const SHAPE = /^(([\w+/=-]+)\.(ln[a-z0-9]+)\.([1-9]\d{0,11})\.([1-9]\d{0,3})\.([0-9a-f]{6}))\.([0-9a-f]{64})$/;

export function writeClaim({ token, invoice, expiresAt, pathLength }: Claim, browserId: string, seals: Seals): string {
  const seconds = Math.floor(expiresAt.getTime() / 1000);
  const text = `${token}.${invoice.toLowerCase()}.${seconds}.${pathLength}.${shortBrowserId(browserId)}`;
  return `${text}.${seals.make(PURPOSE, sealed(text, browserId))}`;
}

/** Reads a claim; `undefined` if we did not write it for this browser. */
export function readClaim(text: string, browserIds: readonly string[], seals: Seals): Claim | undefined {
  const [, body = "", token = "", invoice = "", seconds, length, shortId, seal = ""] = SHAPE.exec(text) ?? [];
  // Compute only one seal for each claim, even if the request names many browser ids.
  const browserId = browserIds.find((id) => shortBrowserId(id) === shortId);
  if (!browserId || !seals.holds(PURPOSE, sealed(body, browserId), seal)) return undefined;
  return { token, invoice, expiresAt: new Date(Number(seconds) * 1000), pathLength: Number(length) };
}

/** Reads a claim and authenticates its token; `undefined` if one of them is not ours, or is not for this browser. */
export async function authenticClaim({ engine, seals }: PageParts, text: string, browserIds: readonly string[]) {
  const claim = readClaim(text, browserIds, seals);
  const token =
    claim && (await engine.authenticate({ tokens: [claim.token], preimage: "" }, () => true).catch(ifNotOurs));
  return token && { claim, token };
}

const sealed = (text: string, browserId: string) => `${browserId}\n${text}`;
