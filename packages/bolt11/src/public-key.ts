/** True if this hex has the form of a compressed public key. It does not check that the point is on the curve. */
export const isPublicKey = (hex: string): boolean => /^0[23][0-9a-f]{64}$/i.test(hex);
