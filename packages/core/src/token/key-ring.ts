import { createHmacKey, hmacSha256 } from "#crypto";
import { bytesOf } from "../bytes.ts";
import { L402Error } from "../errors.ts";

/** At least 32 bytes, or a list of them: the first signs new tokens, all of them verify. */
export type Secret = string | readonly NamedSecret[];

export interface NamedSecret {
  /** Letters, digits, `_` and `-`; at most 32. It is readable in every token. */
  id: string;
  secret: string;
}

/** The keys behind `secret`, which can sign but not be read. */
export interface KeyRing {
  readonly current: SigningKey;
  find(id: string): SigningKey | undefined;
  all(): Iterable<SigningKey>;
}

export interface SigningKey {
  readonly id: string;
  /** HMAC-SHA256 with this key. */
  sign(message: Uint8Array): Uint8Array;
}

/** Throws CONFIG_INVALID for anything but strong secrets under distinct names. */
export function createKeyRing(secret: Secret | undefined): KeyRing {
  const named = typeof secret === "string" ? [{ id: "k1", secret }] : secret;
  if (!Array.isArray(named) || named.length === 0) {
    throw new L402Error("CONFIG_INVALID", `secret is missing. ${HOW_TO_MAKE_ONE}`);
  }
  const keys = new Map<string, SigningKey>();
  for (const entry of named as readonly NamedSecret[]) {
    const key = createSigningKey(entry);
    if (keys.has(key.id)) throw new L402Error("CONFIG_INVALID", `secret names the id "${key.id}" twice. ${ROTATION}`);
    keys.set(key.id, key);
  }
  const [current] = keys.values();
  return { current: current as SigningKey, find: (id) => keys.get(id), all: () => keys.values() };
}

function createSigningKey({ id, secret }: NamedSecret): SigningKey {
  if (typeof id !== "string" || !/^[\w-]{1,32}$/.test(id)) {
    throw new L402Error("CONFIG_INVALID", `A secret's id must be 1 to 32 letters, digits, "_" or "-". ${ROTATION}`);
  }
  const bytes = typeof secret === "string" ? bytesOf(secret) : new Uint8Array();
  if (bytes.length < 32) {
    throw new L402Error(
      "CONFIG_INVALID",
      `secret "${id}" has ${bytes.length} bytes; 32 are needed. ${HOW_TO_MAKE_ONE}`,
    );
  }
  const key = createHmacKey(bytes);
  return { id, sign: (message) => hmacSha256(key, message) };
}

const HOW_TO_MAKE_ONE = "Make one with `openssl rand -hex 32` and keep it: tokens are valid as long as it is.";
const ROTATION = 'Example: [{ id: "2026-11", secret: newSecret }, { id: "2026-05", secret: oldSecret }].';
