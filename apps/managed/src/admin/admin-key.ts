import { createHash, timingSafeEqual } from "node:crypto";

const hashOf = (text: string) => createHash("sha256").update(text).digest();

/**
 * Whether a request carries the operator's key: as a bearer, or, only to look, as the password that a browser asks for.
 *
 * SECURITY: hashes are compared, in constant time (admin.test.ts, "compares keys"); a browser sends its password with
 * whatever another site makes it send, so a password changes nothing (admin.test.ts, "a browser's password").
 */
export function isOperator(key: string, method: string, authorization: string | undefined): boolean {
  const [, scheme = "", text = ""] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization ?? "") ?? [];
  const isBearer = scheme.toLowerCase() === "bearer";
  if (!isBearer && method !== "GET") return false;
  const given = isBearer
    ? text
    : Buffer.from(text, "base64")
        .toString("utf8")
        .replace(/^[^:]*:/, "");
  return timingSafeEqual(hashOf(given), hashOf(key));
}
