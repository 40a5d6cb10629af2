/** A token format that opens nothing for the payment hashes in `revoked`, a Set or whatever has a `has`. */
export const revocable = (format, revoked) => ({
  ...format,
  async authenticate(token, keys) {
    const authentic = await format.authenticate(token, keys);
    return authentic && (await revoked.has(authentic.claims.paymentHash)) ? undefined : authentic;
  },
});
