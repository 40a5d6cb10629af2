import { problem } from "../problem.ts";

const KEY = /^l402[mo]_[A-Za-z0-9_-]{43}$/;

/** The key in a request; `undefined` where there is none. Throws KEY_WRONG for what can be none. */
export function keyIn(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const [, key] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (key === undefined) throw problem("KEY_WRONG", "Send the key as `Authorization: Bearer <key>`.");
  if (!KEY.test(key)) throw problem("KEY_WRONG", "This is not a key of this service. Check that you copied all of it.");
  return key;
}

const IDEMPOTENCY_KEY = /^[!-~]{1,255}$/;

/** The header, checked. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (!IDEMPOTENCY_KEY.test(header)) {
    throw problem(
      "IDEMPOTENCY_KEY_MISSING",
      "An Idempotency-Key must have 1 to 255 printable ASCII characters, without spaces.",
    );
  }
  return header;
}

/** For what moves money. */
export function neededIdempotencyKey(header: string | undefined): string {
  const key = idempotencyKeyOf(header);
  if (key !== undefined) return key;
  throw problem(
    "IDEMPOTENCY_KEY_MISSING",
    "Send an Idempotency-Key header. With it, the same request sent twice pays only once.",
  );
}
