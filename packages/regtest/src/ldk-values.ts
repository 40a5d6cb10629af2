// LDK's generated types say little: a result or an option has its value only on a subclass. They are opened here alone.

/** The value of an LDK result. Throws where LDK failed, which is a bug unless the caller knows better. */
export function unwrap<Value>(result: { is_ok(): boolean }, doing: string): Value {
  if (!result.is_ok()) throw new Error(`LDK failed while ${doing}: ${reasonOf(result)}.`);
  return (result as { res?: unknown }).res as Value;
}

/** What an LDK result failed with; `undefined` where it succeeded. */
export const errorOf = <Reason>(result: { is_ok(): boolean }): Reason | undefined =>
  result.is_ok() ? undefined : ((result as { err?: unknown }).err as Reason);

/** The value of an LDK option, or `undefined`. */
export const someOf = <Value>(option: object): Value | undefined => (option as { some?: Value }).some;

/** Lower-case hex, as every interface of this SDK wants hashes and preimages. */
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The bytes of a hex text that is known to be valid. */
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

function reasonOf(result: object): string {
  const { err } = result as { err?: { err?: unknown } | number };
  if (typeof err !== "object") return `code ${err}`;
  return typeof err.err === "string" ? err.err : err.constructor.name;
}
