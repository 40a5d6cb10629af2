// LDK's generated types are vague: a result or an option has its value only on a subclass. Only this file opens them.

/** Returns the value of an LDK result. Throws if LDK failed, which is a bug unless the caller expects it. */
export function unwrap<Value>(result: { is_ok(): boolean }, doing: string): Value {
  if (!result.is_ok()) throw new Error(`LDK failed while ${doing}: ${reasonOf(result)}.`);
  return (result as { res?: unknown }).res as Value;
}

/** Returns the error of an LDK result; `undefined` if it succeeded. */
export const errorOf = <Reason>(result: { is_ok(): boolean }): Reason | undefined =>
  result.is_ok() ? undefined : ((result as { err?: unknown }).err as Reason);

/** Returns the value of an LDK option, or `undefined`. */
export const someOf = <Value>(option: object): Value | undefined => (option as { some?: Value }).some;

/** Encodes bytes as lower-case hex, as every interface of this SDK requires for hashes and preimages. */
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Decodes hex that is known to be valid. */
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

function reasonOf(result: object): string {
  const { err } = result as { err?: { err?: unknown } | number };
  if (typeof err !== "object") return `code ${err}`;
  return typeof err.err === "string" ? err.err : err.constructor.name;
}
