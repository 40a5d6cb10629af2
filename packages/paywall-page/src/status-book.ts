import {
  customersOf,
  type InvoiceState,
  L402Error,
  type PageEngine,
  type PaywallRequest,
  type TokenClaims,
} from "@l402/core";
import { createLookupLine } from "./lookup-line.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const LOOKUPS_A_SECOND = 50;
const REMEMBERED = 10_000;

interface Entry {
  askedAt: number;
  state: Promise<InvoiceState>;
  /**
   * How long this entry is used without asking the provider again: while the provider is working on the answer, and
   * forever once the invoice is paid.
   */
  goodForMs: number;
}

interface InvoiceStatus {
  state: InvoiceState;
  /** True if the invoice waits in line, so that `state` may be long out of date. */
  isWaiting: boolean;
  /** How long the answer stays the same. */
  freshInMs: number;
}

/**
 * Asks the provider about an invoice at most once a second, even if many tabs ask, and once a minute if the invoice has
 * ended unpaid.
 *
 * SECURITY: an attacker who collects invoices cannot flood the provider with lookups, because all invoices together
 * have a limit of lookups per second (status.test.ts, "however many invoices there are"). Above the limit, invoices
 * wait in line, and the last answer is used again, or "open" if there is none. So a page may learn of its payment
 * later. When the book is full, it forgets the entry that was looked up longest ago.
 */
export function createStatusBook({ lookUp, clock, clientOf }: Pick<PageEngine, "lookUp" | "clock" | "clientOf">) {
  const entries = new Map<string, Entry>();
  const mayLookUp = createLookupLine(LOOKUPS_A_SECOND);

  function ask(claims: TokenClaims, request: PaywallRequest): Entry | undefined {
    const now = clock().getTime();
    const { paymentHash } = claims;
    const known = entries.get(paymentHash);
    if (known && Math.abs(now - known.askedAt) < known.goodForMs) return known;
    // All invoices that ended unpaid take turns as one client, because nobody waits for them.
    const client = known?.goodForMs === MINUTE ? "ended" : `client ${networkOf(request)}`;
    if (!mayLookUp(paymentHash, client, now)) return undefined;
    const entry: Entry = { askedAt: now, state: lookUp(claims).then(checked), goodForMs: Number.POSITIVE_INFINITY };
    const done = (state?: InvoiceState) => {
      if (state?.status === "settled") return;
      entry.goodForMs = state && state.status !== "open" ? MINUTE : SECOND;
    };
    entry.state.then(done, () => done());
    entries.delete(paymentHash);
    entries.set(paymentHash, entry);
    if (entries.size > REMEMBERED) entries.delete(entries.keys().next().value as string);
    return entry;
  }

  /** The network that the request comes from: an IPv4 address, or an IPv6 /48, which anyone can have for free. */
  function networkOf(request: PaywallRequest): string | undefined {
    try {
      return customersOf(clientOf(request) ?? "").at(-1);
    } catch {
      return undefined;
    }
  }

  /** Rejects with an L402Error if the provider does not answer. */
  return async (claims: TokenClaims, request: PaywallRequest): Promise<InvoiceStatus> => {
    const asked = ask(claims, request);
    const { askedAt, state } = asked ?? entries.get(claims.paymentHash) ?? UNKNOWN;
    const left = askedAt + SECOND - clock().getTime();
    return { state: await state, isWaiting: !asked, freshInMs: left > 0 ? Math.min(left, SECOND) : SECOND };
  };
}

const UNKNOWN = { askedAt: 0, state: Promise.resolve<InvoiceState>({ status: "open" }) };

/** SECURITY: an invalid state does not count as a payment (status.test.ts, "odd answers"). */
function checked(state: InvoiceState | undefined): InvoiceState {
  const status: unknown = state?.status;
  const isKnown = status === "open" || status === "settled" || status === "expired" || status === "canceled";
  if (!state || !isKnown) throw new L402Error("PROVIDER_BAD_RESPONSE");
  return state;
}
