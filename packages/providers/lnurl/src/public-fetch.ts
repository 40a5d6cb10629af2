import type { Agent, RequestOptions } from "node:https";
import type { LookupFunction } from "node:net";
import { IDLE_MS, responseOf } from "@l402/backend";
import { isPublicAddress, L402Error } from "@l402/core";

interface Address {
  address: string;
  family: number;
}

interface Parts {
  resolve?(hostname: string): Promise<Address[]>;
  isAllowed?(address: string): boolean;
  ca?: string;
}

/**
 * A GET-only `fetch` that connects only to the public internet.
 *
 * SECURITY: it connects to the same addresses that it checked. If it resolved a name twice, the second answer could
 * lead somewhere else (public-fetch.test.ts, "resolves a name once").
 */
export function publicFetch({ resolve = resolveByDns, isAllowed = isPublicAddress, ca }: Parts = {}): typeof fetch {
  let agent: Agent | undefined;

  return async (input, init = {}) => {
    // On Cloudflare Workers, fetch cannot reach private hosts, and some of Node's modules are missing.
    if (globalThis.navigator?.userAgent === "Cloudflare-Workers") return fetch(input, init);
    const https = await import("node:https").catch(() => undefined);
    if (!https) return fetch(input, init);
    const { Readable } = await import("node:stream");
    const url = new URL(String(input));
    const addresses = await resolve(url.hostname.replace(/^\[|\]$/g, ""));
    if (addresses.length === 0 || !addresses.every(({ address }) => isAllowed(address))) throw refusal(url.hostname);
    agent ??= new https.Agent({ keepAlive: true, timeout: IDLE_MS, ...(ca !== undefined && { ca }) });
    const { signal } = init;
    const options: RequestOptions = {
      agent,
      headers: Object.fromEntries(new Headers(init.headers)),
      lookup: lookupIn(addresses),
      ...(signal && { signal }),
    };

    return new Promise((resolve, reject) => {
      const sent = https.get(url, options, (answer) => {
        // This callback must not throw: the error would be uncaught and end the process.
        try {
          resolve(responseOf(answer, Readable.toWeb(answer) as ReadableStream<Uint8Array>));
        } catch (error) {
          sent.destroy();
          reject(error);
        }
      });
      sent.on("error", reject);
    });
  };
}

async function resolveByDns(hostname: string): Promise<Address[]> {
  const { lookup } = await import("node:dns/promises");
  return lookup(hostname, { all: true });
}

const lookupIn =
  (addresses: Address[]): LookupFunction =>
  (_hostname, { all }, callback) => {
    const [{ address, family } = { address: "", family: 0 }] = addresses;
    if (all) callback(null, addresses);
    else callback(null, address, family);
  };

const refusal = (hostname: string) =>
  new L402Error(
    "PROVIDER_REJECTED",
    `createLnurl refused to connect to ${hostname}, because it is not on the public internet.`,
    {
      hint: "If you entered the address yourself, set allowPrivateHosts to true. Never set it for addresses from users.",
    },
  );
