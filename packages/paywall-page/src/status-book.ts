import { type InvoiceState, L402Error, type PageEngine, type TokenClaims } from "@l402/core";

const SECOND = 1000;
const REMEMBERED = 10_000;

interface Entry {
  askedAt: number;
  state: Promise<InvoiceState>;
  /** While the provider works, and for good once it was paid, nobody asks again. */
  isFinal: boolean;
  isUnderWay: boolean;
}

export interface InvoiceStatus {
  state: InvoiceState;
  /** How long the answer stays the same. */
  freshInMs: number;
}

/**
 * Asks the provider at most once a second for an invoice, however many tabs do.
 *
 * It forgets what was asked longest ago. Only authentic claims are asked about, and each took an invoice, of which there
 * are only so many a minute.
 */
export function createStatusBook({ lookUp, clock }: Pick<PageEngine, "lookUp" | "clock">) {
  const entries = new Map<string, Entry>();

  function ask(claims: TokenClaims): Entry {
    const now = clock().getTime();
    const known = entries.get(claims.paymentHash);
    const age = known ? Math.abs(now - known.askedAt) : SECOND;
    if (known && (known.isFinal || known.isUnderWay || age < SECOND)) return known;

    const entry: Entry = { askedAt: now, state: lookUp(claims).then(checked), isFinal: false, isUnderWay: true };
    const done = (state?: InvoiceState) => {
      entry.isUnderWay = false;
      entry.isFinal = state?.status === "settled";
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
    return { state, freshInMs: Math.max(0, entry.askedAt + SECOND - clock().getTime()) };
  };
}

/** SECURITY: a state that is none is no payment (status.test.ts, "odd answers"). */
function checked(state: InvoiceState | undefined): InvoiceState {
  const status: unknown = state?.status;
  const isKnown = status === "open" || status === "settled" || status === "expired" || status === "canceled";
  if (!state || !isKnown) throw new L402Error("PROVIDER_BAD_RESPONSE");
  return state;
}
