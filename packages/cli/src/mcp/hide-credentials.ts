/** Enough for a long conversation, and few enough to search every text for. */
const MAX_KEPT = 500;

/** A shorter text is no secret, and to remove it would damage ordinary texts. */
const MIN_LENGTH = 16;
const REMOVED = "[removed]";

/**
 * Makes a `fetch` that remembers the credentials it sends, and a function that removes them from texts, also where a
 * text was cut within one.
 *
 * SECURITY: a server may send a credential back, and anyone who reads it could use it
 * (mcp-secrets.test.ts, "sends back", "is cut").
 */
export function hideCredentials(fetch: typeof globalThis.fetch) {
  const secrets = new Map<string, Secret>();

  function remember(authorization: string | null): void {
    const [, token, preimage] = /^\S+ (\S+):([0-9a-f]{64})$/i.exec(authorization ?? "") ?? [];
    for (const secret of [token, preimage]) {
      if (!secret || secret.length < MIN_LENGTH || secrets.has(secret)) continue;
      const spellings = [...new Set([secret, encodeURIComponent(secret), secret.replaceAll("/", "\\/")])];
      const whole = new RegExp(spellings.map(escaped).join("|"), "gi");
      secrets.set(secret, { whole, spellings: spellings.map(lowerCase) });
    }
    for (const [oldest] of secrets) if (secrets.size > MAX_KEPT) secrets.delete(oldest);
  }

  const remembering: typeof fetch = (input, init) => {
    remember(new Headers(init?.headers).get("authorization"));
    return fetch(input, init);
  };
  const hide: Hide = (text) =>
    [...secrets.values()].reduce(
      (rest, { whole, spellings }) => spellings.reduce(withoutBeginning, rest.replace(whole, REMOVED)),
      text,
    );
  return { fetch: remembering, hide };
}

/** Removes the credentials that were sent from a text. */
export type Hide = (text: string) => string;

interface Secret {
  whole: RegExp;
  /** In lower case. */
  spellings: string[];
}

/** Removes the beginning of a secret from the end of a text, which may have been cut there. */
function withoutBeginning(text: string, secret: string): string {
  const from = Math.max(0, text.length - secret.length);
  const end = lowerCase(text.slice(from));
  const beginning = secret.slice(0, MIN_LENGTH);
  for (let at = end.indexOf(beginning); at !== -1; at = end.indexOf(beginning, at + 1)) {
    if (secret.startsWith(end.slice(at))) return text.slice(0, from + at) + REMOVED;
  }
  return text;
}

/** Changes only ASCII letters, so that the text keeps its length. */
const lowerCase = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
