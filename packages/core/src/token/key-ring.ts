import { createSigner } from "#crypto";
import { bytesOf } from "../bytes.ts";
import { checkOption } from "../check-option.ts";

/** At least 32 bytes, or a list of named secrets: the first signs new tokens, and all of them verify. */
export type Secret = string | readonly NamedSecret[];

export interface NamedSecret {
  /** Letters, digits, `_` and `-`; at most 32. The id can be read in every token. */
  id: string;
  secret: string;
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

/** Makes the keys of a secret. Throws CONFIG_INVALID unless every secret is strong and has a name of its own. */
export function createKeyRing(secret: Secret | undefined): KeyRing {
  const named = typeof secret === "string" ? [{ id: "k1", secret }] : secret;
  checkOption(Array.isArray(named) && named.length > 0, "secret", STRONG);
  const keys = new Map<string, SigningKey>();
  for (const entry of named as readonly NamedSecret[]) {
    const key = createSigningKey(entry);
    checkOption(!keys.has(key.id), `secret names the id "${key.id}" twice; each`, "unique");
    keys.set(key.id, key);
  }
  const [current] = keys.values();
  return { current: current as SigningKey, find: (id) => keys.get(id), all: () => keys.values() };
}

function createSigningKey({ id, secret }: NamedSecret): SigningKey {
  checkOption(
    typeof id === "string" && /^[\w-]{1,32}$/.test(id),
    "a secret's id",
    '1 to 32 letters, digits, "_" or "-"',
  );
  const bytes = typeof secret === "string" ? bytesOf(secret) : new Uint8Array();
  checkOption(bytes.length >= 32, `secret "${id}" has ${bytes.length} bytes; it`, STRONG);
  return { id, ...createSigner(bytes) };
}

const STRONG = "at least 32 bytes, such as from `openssl rand -hex 32`, or a list of { id, secret }";
