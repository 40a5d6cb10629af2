import { type InvoiceState, L402Error, type PageEngine, type TokenClaims } from "@l402/core";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const LOOKUPS_A_SECOND = 50;
const REMEMBERED = 10_000;

interface Entry {
  askedAt: number;
  state: Promise<InvoiceState>;
  /** How long nobody asks again: while the provider works, and once it was paid, for ever. */
  goodForMs: number;
}

export interface InvoiceStatus {
  state: InvoiceState;
  /** How long the answer stays the same. */
  freshInMs: number;
}

/**
 * Asks the provider at most once a second for an invoice, however many tabs do, and once a minute when it has ended unpaid.
 *
 * SECURITY: who collects invoices cannot flood the provider with questions about them: there are only so many a second for all
 * together (status.test.ts, "however many invoices there are"). Beyond that the last answer stands, so that a page may
 * hear of its payment later. What was asked longest ago is forgotten.
 */
export function createStatusBook({ lookUp, clock }: Pick<PageEngine, "lookUp" | "clock">) {
  const entries = new Map<string, Entry>();
  let second = 0;
  let lookups = 0;

  function mayAsk(now: number): boolean {
    const current = Math.floor(now / SECOND);
    if (current !== second) lookups = 0;
    second = current;
    return lookups++ < LOOKUPS_A_SECOND;
  }

  function ask(claims: TokenClaims): Entry {
    const now = clock().getTime();
    const known = entries.get(claims.paymentHash);
    if (known && Math.abs(now - known.askedAt) < known.goodForMs) return known;
    if (!mayAsk(now)) {
      if (known) return known;
      throw new L402Error("PROVIDER_RATE_LIMITED");
    }
    const entry: Entry = { askedAt: now, state: lookUp(claims).then(checked), goodForMs: Number.POSITIVE_INFINITY };
    const done = (state?: InvoiceState) => {
      if (state?.status === "settled") return;
      entry.goodForMs = state && state.status !== "open" ? MINUTE : SECOND;
    };
    entry.state.then(done, () => done());
    entries.delete(claims.paymentHash);
    entries.set(claims.paymentHash, entry);
    if (entries.size > REMEMBERED) entries.delete(entries.keys().next().value as string);
    return entry;
  }

  /** Rejects with an L402Error when the provider does not answer. */
  return async (claims: TokenClaims): Promise<InvoiceStatus> => {
    const entry = ask(claims);
    const state = await entry.state;
    const left = entry.askedAt + SECOND - clock().getTime();
    return { state, freshInMs: left > 0 ? Math.min(left, SECOND) : SECOND };
  };
}

/** SECURITY: a state that is none is no payment (status.test.ts, "odd answers"). */
function checked(state: InvoiceState | undefined): InvoiceState {
  const status: unknown = state?.status;
  const isKnown = status === "open" || status === "settled" || status === "expired" || status === "canceled";
  if (!state || !isKnown) throw new L402Error("PROVIDER_BAD_RESPONSE");
  return state;
}
