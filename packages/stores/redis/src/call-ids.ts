const IDS = 1e13;

/** Makes ids of 13 digits that no other store is likely to use for the same token. */
export function createCallIds(): () => string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  let next = (high * 2 ** 21 + (low >>> 11)) % IDS;
  return () => {
    next = (next + 1) % IDS;
    return String(next).padStart(13, "0");
  };
}
