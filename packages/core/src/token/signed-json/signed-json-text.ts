import { bytesOfBase64 } from "#crypto";
import { textOfBytes } from "../../bytes.ts";
import { L402Error } from "../../errors.ts";
import { MAX_CAVEATS } from "./caveat-text.ts";

export const MAX_TOKEN_BYTES = 4096;
const START = '{"v":1,"kid":"';
const CAVEATS = ',"caveats":';
const SIGNATURE = ',"sig":"';
/** The length of `,"sig":"` + 43 characters + `"}`. */
const SIGNATURE_LENGTH = 53;

/** The parts of a token, as text. They are not proven to be ours. */
export interface SignedJsonParts {
  /** The JSON text that the first signature covers: everything before the caveats. */
  head: string;
  keyId: string;
  caveats: readonly string[];
  /** 43 characters. */
  signature: string;
}

/** Takes a token apart without reading its claims. Throws CREDENTIAL_MALFORMED. */
export function splitSignedJson(token: string): SignedJsonParts {
  const text = decode(token);
  const body = text.slice(0, -SIGNATURE_LENGTH);
  const tail = text.slice(-SIGNATURE_LENGTH);
  if (!text.startsWith(START) || !tail.startsWith(SIGNATURE) || !tail.endsWith('"}')) throw malformed();

  const keyId = text.slice(START.length, text.indexOf('"', START.length));
  const signature = tail.slice(SIGNATURE.length, -2);
  // Only a list of caveats puts a bracket at the end of the body. Inside a JSON string every quote is escaped, so the
  // text of CAVEATS can only be the field itself.
  const split = body.endsWith("]") ? body.indexOf(CAVEATS) : -1;
  if (split < 0) return { head: body, keyId, caveats: [], signature };
  return { head: body.slice(0, split), keyId, caveats: parseCaveats(body.slice(split + CAVEATS.length)), signature };
}

/** Joins the parts into the text of a token. */
export function joinSignedJson({ head, caveats, signature }: Omit<SignedJsonParts, "keyId">): string {
  return `${head}${caveats.length ? CAVEATS + JSON.stringify(caveats) : ""}${SIGNATURE}${signature}"}`;
}

function decode(token: string): string {
  // Base64 writes three bytes as four characters.
  if (token.length > (MAX_TOKEN_BYTES * 4) / 3 + 4) throw malformed();
  const bytes = bytesOfBase64(token);
  if (!bytes || bytes.length > MAX_TOKEN_BYTES) throw malformed();
  const text = textOfBytes(bytes);
  if (!/^[ -~]*$/.test(text)) throw malformed();
  return text;
}

function parseCaveats(text: string): string[] {
  let list: unknown[];
  try {
    list = JSON.parse(text);
  } catch {
    throw malformed();
  }
  const valid =
    Array.isArray(list) &&
    list.length > 0 &&
    list.length <= MAX_CAVEATS &&
    list.every((caveat) => typeof caveat === "string") &&
    JSON.stringify(list) === text; // one token, one spelling
  if (!valid) throw malformed();
  return list as string[];
}

const malformed = () => new L402Error("CREDENTIAL_MALFORMED", "The token cannot be read.");
