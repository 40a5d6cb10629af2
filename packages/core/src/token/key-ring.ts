import { createSigner } from "#crypto";
import { bytesOf } from "../bytes.ts";
import { checkOption } from "../check-option.ts";

/** At least 32 bytes, or a list of named secrets: the first signs new tokens, and all of them verify. */
export type Secret = string | readonly NamedSecret[];

export interface NamedSecret {
  /** Letters, digits, `_` and `-`; at most 32. The id can be read in every token. */
  id: string;
  secret: string | undefined;
}

/** The keys made from `secret`. They can sign, but cannot be read. */
export interface KeyRing {
  readonly current: SigningKey;
  find(id: string): SigningKey | undefined;
  all(): Iterable<SigningKey>;
}

export interface SigningKey {
  readonly id: string;
  /** Returns the HMAC-SHA256 of a message with this key. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * Makes the keys of a secret. Throws CONFIG_INVALID, which names the `owner` of the option, unless every secret is strong
 * and has a name of its own.
 */
export function createKeyRing(secret: Secret | undefined, owner = "createPaywall"): KeyRing {
  const option = `${owner}: secret`;
  const named = typeof secret === "string" ? [{ id: "k1", secret }] : secret;
  const missing = secret ? "" : " is missing. Is L402_SECRET set? It";
  checkOption(Array.isArray(named) && named.length > 0, option + missing, STRONG);
  const keys = new Map<string, SigningKey>();
  for (const item of named) {
    const { id, secret: text } = Object(item) as NamedSecret;
    checkOption(
      typeof id === "string" && /^[\w-]{1,32}$/.test(id),
      `${option}: each id`,
      '1 to 32 letters, digits, "_" or "-"',
    );
    checkOption(!keys.has(id), `${option} has the id "${id}" twice. Each id`, "unique");
    const bytes = typeof text === "string" ? bytesOf(text) : new Uint8Array();
    // Whoever passed only one text did not choose an id.
    const name = text === secret ? "" : ` "${id}"`;
    checkOption(bytes.length >= 32, `${option}${name} has ${bytes.length} bytes. It`, STRONG);
    keys.set(id, { id, ...createSigner(bytes) });
  }
  const [current] = keys.values();
  return { current: current as SigningKey, find: (id) => keys.get(id), all: () => keys.values() };
}

const STRONG = "at least 32 bytes, such as from `openssl rand -hex 32`";
