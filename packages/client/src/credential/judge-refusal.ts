/** How a seller has treated a credential until now. */
export interface Standing {
  /** The seller never accepted the credential. */
  isNew?: boolean;
  /** The seller owes a service: it refused the paying request, an answer was lost before, or it owes another one. */
  isOwed?: boolean | undefined;
  /** The seller may have accepted the credential in an answer that was lost. */
  isLost?: boolean;
}

/** The seller's refusal of a credential. */
export interface Refusal {
  /** The reason that the seller gives, or an empty text. */
  code: string;
  /** The seller's reason did not arrive whole, or it may be about something else than what was bought. */
  isUnclear: boolean | undefined;
  /** The seller asks the client to wait, because it has not noticed the payment yet. */
  isSlow: boolean;
  /** The refused request is the one that paid. */
  paidNow: boolean;
  /** The credential was bought for the method and path of the refused request. */
  isSameScope: boolean;
  standing: Standing;
}

/** Codes that refuse only this request: the credential is still good for others. */
const STILL_GOOD = ["CREDENTIAL_UNDERPAID", "CREDENTIAL_WRONG_RESOURCE"];

/**
 * Judges a refusal of a credential. The client may pay again only after two of the verdicts:
 *
 * - `elsewhere`: the credential may still be good for something else.
 * - `over`: the seller accepted the credential before, so its uses are over.
 *
 * The seller has served nothing for the payment after the others:
 *
 * - `refused`: it refuses the request that paid.
 * - `lost`: a request whose answer was lost has used the credential up.
 * - `owed`: it still owes what was paid for, perhaps because it has not noticed the payment yet.
 *
 * SECURITY: a seller that took money and never served anything gets no more, whatever it says of the credential
 * (client.hostile.test.ts, "always answers 402", "good for others"). The client believes "used up" once, until the
 * seller has served something (client.lost.test.ts, "is believed once").
 */
export function judgeRefusal({
  code,
  isUnclear,
  isSlow,
  paidNow,
  isSameScope,
  standing: { isNew, isOwed, isLost },
}: Refusal) {
  if (isSlow) return "owed";
  if (paidNow) return "refused";
  if ((!isOwed && STILL_GOOD.includes(code)) || (isNew && !isSameScope)) return "elsewhere";
  if (!isNew) return isUnclear ? "elsewhere" : "over";
  return isLost && code === "CREDENTIAL_USED_UP" ? "lost" : "owed";
}
