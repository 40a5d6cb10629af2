/** Whether this hex has the form of a compressed public key; whether it is on the curve, only the curve can tell. */
export const isPublicKey = (hex: string): boolean => /^0[23][0-9a-f]{64}$/i.test(hex);
