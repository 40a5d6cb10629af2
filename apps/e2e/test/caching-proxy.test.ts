import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning, payChallenge } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { isInstalled } from "../src/installed.ts";
import { startNginx } from "../src/nginx.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** nginx with a cache that stores whatever it may. */
async function startCache(upstream: number): Promise<string> {
  const nginx = await startNginx({
    http: (directory) => `proxy_cache_path ${directory}/cache keys_zone=all:1m;`,
    location: `proxy_pass http://127.0.0.1:${upstream}; proxy_cache all; proxy_cache_valid any 10m;
      add_header X-Cache $upstream_cache_status always;`,
  });
  closing.push(nginx.close);
  return nginx.url;
}

describe.skipIf(!isInstalled("nginx"))("behind a caching proxy", () => {
  it.each([
    ["says nothing of caching", {}],
    ["allows every cache to keep it", { "cache-control": "public, max-age=600" }],
  ])("a paid answer that %s does not leak to who has not paid, and a 402 is not kept", async (_, headers) => {
    const lightning = fakeLightning();
    const paywall = createPaywall({
      provider: lightning.provider,
      secret: "a secret for tests, at least 32 bytes long",
      useStore: createMemoryUseStore(),
      network: "regtest",
    });
    const sold = withL402(paywall, { price: 10 }, () => new Response("the goods", { headers }));
    const free = () => new Response("free", { headers: { "cache-control": "public, max-age=600" } });
    const server = serve({
      fetch: (request) => (request.url.endsWith("/free") ? free() : sold(request)),
      port: 0,
      hostname: "127.0.0.1",
    });
    closing.push(() => server.close());
    await once(server, "listening");
    const url = await startCache((server.address() as AddressInfo).port);

    const unpaid = await fetch(`${url}/a`);
    const paid = await fetch(`${url}/a`, { headers: { authorization: await payChallenge(lightning.wallet, unpaid) } });
    const later = await fetch(`${url}/a`);
    expect([unpaid.status, paid.status, later.status]).toEqual([402, 200, 402]);
    expect(await paid.text()).toBe("the goods");
    expect(await later.text()).not.toContain("the goods");
    expect(later.headers.get("www-authenticate")).not.toBe(unpaid.headers.get("www-authenticate"));

    // The cache itself works: this is what it does with an answer that it may keep.
    expect((await fetch(`${url}/free`)).headers.get("x-cache")).toBe("HIT");
  });
});
