import { checkOption, createKeyRing, type Secret, type Use } from "@l402/core";

const MAX_SECRETS = 16;
const utf8 = new TextEncoder();

/**
 * Creates the function that returns the keys under which a use is counted: its own key, signed with each secret of the
 * paywall.
 *
 * SECURITY: a holder of the anon key can count under any key. So the key of a payment hash must be unguessable.
 * Otherwise strangers could use up tokens that others have paid for (supabase-anon-key.test.ts, "burn"). All secrets of
 * a rotation count, so that neither a server with yesterday's list nor one with tomorrow's list grants a use again
 * (supabase-use-store.test.ts, "rotation").
 */
export function createUseKeys(owner: string, secret: Secret | undefined): (use: Use) => string[] {
  checkOption(secret !== undefined, `${owner}: secret is missing. It`, "the secret of the paywall");
  const secrets = [...createKeyRing(secret, owner).all()];
  checkOption(secrets.length <= MAX_SECRETS, `${owner}: secret`, `a list of at most ${MAX_SECRETS}`);
  return ({ key }) => {
    // The prefix keeps these signatures apart from those of tokens.
    const message = utf8.encode(`l402-supabase-use:${key}`);
    return secrets.map(({ sign }) => toHex(sign(message)));
  };
}

const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
