import { shortBrowserId } from "./browser-id.ts";
import type { Seals } from "./seal.ts";

/**
 * What a page holds until its invoice is paid: the token, the invoice and when that expires, sealed for one browser. With it
 * the browser asks whether it was paid, and gets the same invoice again when the page is loaded again.
 *
 * SECURITY: the token alone is no claim. A program's token can be shown to others, and so it must not be enough to collect
 * what somebody else pays (status.test.ts, "a bare token"). Without the seal on the invoice, whoever can set cookies for a
 * site could show people an invoice of their own (unlock.test.ts, "an invoice of another").
 */
export interface Claim {
  token: string;
  invoice: string;
  expiresAt: Date;
}

const PURPOSE = "claim";
const SHAPE = /^(([\w+/=-]+)\.(ln[a-z0-9]+)\.([1-9]\d{0,11})\.([0-9a-f]{6}))\.([0-9a-f]{64})$/;

export function writeClaim({ token, invoice, expiresAt }: Claim, browserId: string, seals: Seals): string {
  const seconds = Math.floor(expiresAt.getTime() / 1000);
  const text = `${token}.${invoice.toLowerCase()}.${seconds}.${shortBrowserId(browserId)}`;
  return `${text}.${seals.make(PURPOSE, sealed(text, browserId))}`;
}

/** `undefined` for anything that we did not write for this browser. */
export function readClaim(text: string, browserIds: readonly string[], seals: Seals): Claim | undefined {
  const [, body = "", token = "", invoice = "", seconds, shortId, seal = ""] = SHAPE.exec(text) ?? [];
  // One seal to compute for each claim, however many browsers somebody says to be.
  const browserId = browserIds.find((id) => shortBrowserId(id) === shortId);
  if (!browserId || !seals.holds(PURPOSE, sealed(body, browserId), seal)) return undefined;
  return { token, invoice, expiresAt: new Date(Number(seconds) * 1000) };
}

const sealed = (text: string, browserId: string) => `${browserId}\n${text}`;
