/**
 * The names of the two cookies of a payment: one for the claim on its invoice while that is unpaid, one for the pass.
 * Each payment has names of its own, because browsers keep one cookie for each name and path: nothing that was paid, or
 * may have been, is replaced by another offer of the same page or by a page that shares its path.
 */
export const claimName = (paymentHash: string): string => `l402_pending_${paymentHash.slice(0, 6)}`;
export const passName = (paymentHash: string): string => `l402_${paymentHash.slice(0, 6)}`;

export const isClaimName = (name: string): boolean => /^l402_pending_[0-9a-f]{6}$/.test(name);
export const isPassName = (name: string): boolean => /^l402_[0-9a-f]{6}$/.test(name);
