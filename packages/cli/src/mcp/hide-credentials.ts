/** Enough for a long conversation, and few enough to search every text for. */
const MAX_KEPT = 500;

/**
 * Makes a `fetch` that remembers the credentials it sends, and a function that removes them from texts.
 *
 * SECURITY: a server may send a credential back, and anyone who reads it could use it
 * (mcp-secrets.test.ts, "sends back").
 */
export function hideCredentials(fetch: typeof globalThis.fetch) {
  const secrets = new Map<string, RegExp>();

  function remember(authorization: string | null): void {
    const [, token, preimage] = /^\S+ (\S+):([0-9a-f]{64})$/i.exec(authorization ?? "") ?? [];
    for (const secret of [token, preimage]) {
      // A real secret is longer. To remove short strings would damage ordinary texts.
      if (!secret || secret.length < 16 || secrets.has(secret)) continue;
      const spellings = [secret, encodeURIComponent(secret), secret.replaceAll("/", "\\/")];
      secrets.set(secret, new RegExp([...new Set(spellings)].map(escaped).join("|"), "gi"));
    }
    for (const [oldest] of secrets) if (secrets.size > MAX_KEPT) secrets.delete(oldest);
  }

  const remembering: typeof fetch = (input, init) => {
    remember(new Headers(init?.headers).get("authorization"));
    return fetch(input, init);
  };
  const hide = (text: string) =>
    [...secrets.values()].reduce((rest, secret) => rest.replace(secret, "[removed]"), text);
  return { fetch: remembering, hide };
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
