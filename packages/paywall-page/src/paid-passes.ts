import type { AuthenticToken, PaywallRequest } from "@l402/core";
import { isPassName } from "./cookie-names.ts";
import { readCookies } from "./cookies.ts";
import type { PageParts } from "./page-parts.ts";

/** Each pass may cost a request to the store. */
const MAX_PASSES = 16;

/** A cookie that holds a paid token. */
export interface PaidPass {
  name: string;
  value: string;
  token: AuthenticToken;
}

/**
 * Returns the cookies of a request that are proven to be paid. The one for the longest path comes first. Invalid
 * cookies are ignored.
 */
export async function paidPasses({ engine, proofs }: PageParts, request: PaywallRequest): Promise<PaidPass[]> {
  const passes: PaidPass[] = [];
  for (const { name, value } of readCookies(request, isPassName)) {
    const [, text, proof] = /^([\w+/=-]+):(r?[0-9a-f]{64})$/.exec(value) ?? [];
    if (!text || !proof) continue;
    const token = await engine
      .authenticate({ tokens: [text], preimage: proof }, (given, claims) => proofs.holds(given, text, claims))
      .catch(() => undefined);
    if (token) passes.push({ name, value, token });
    if (passes.length === MAX_PASSES) break;
  }
  return passes;
}
