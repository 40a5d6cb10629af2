import { createServer } from "node:http";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createSupabasePaymentLog, createSupabaseUseStore } from "../src/index.ts";

const secret = "the paywall's own secret, 32 bytes+";
const key = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.MTIzNA";
const use = { key: "ab".repeat(32), limit: 1, expiresAt: new Date("2030-01-01") };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(answer: (path: string) => { status: number; headers?: Record<string, string>; body?: string }) {
  const requests: { path: string; headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ path: String(request.url), headers: request.headers, body });
    const { status, headers, body: text } = answer(String(request.url));
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, requests };
}

describe("requests", () => {
  it("one use is one request, which holds neither the payment hash nor the secret", async () => {
    const { url, requests } = await serve(() => ({ status: 200, body: "0" }));
    expect(await createSupabaseUseStore({ url: `${url}/`, key, secret }).consume(use)).toBe(0);
    expect(requests).toHaveLength(1);
    const [request] = requests;
    expect(request?.path).toBe("/rest/v1/rpc/l402_consume");
    expect(request?.headers).toMatchObject({ apikey: key, authorization: `Bearer ${key}` });
    expect(JSON.parse(String(request?.body))).toEqual({
      keys: [expect.stringMatching(/^[0-9a-f]{64}$/)],
      max_uses: 1,
      expires_at: "2030-01-01T00:00:00.000Z",
    });
    for (const hidden of [use.key, secret]) expect(JSON.stringify(requests)).not.toContain(hidden);
  });

  it.each(["sb_publishable_1234", "sb_secret_1234"])(
    "%s goes out as a key alone, because it is no token",
    async (newer) => {
      const { url, requests } = await serve(() => ({ status: 200, body: "0" }));
      await createSupabaseUseStore({ url, key: newer, secret }).consume(use);
      expect(requests[0]?.headers.apikey).toBe(newer);
      expect(requests[0]?.headers.authorization).toBeUndefined();
    },
  );

  it("follows no redirect", async () => {
    const elsewhere = await serve(() => ({ status: 200, body: "0" }));
    for (const status of [301, 302, 303, 307, 308]) {
      const { url } = await serve((path) => ({ status, headers: { location: elsewhere.url + path }, body: "0" }));
      const store = createSupabaseUseStore({ url, key, secret });
      await expect(store.consume(use)).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
        message: `Supabase failed: it answered HTTP ${status}.`,
      });
    }
    expect(elsewhere.requests).toEqual([]);
  });

  it("no failure is sent twice by itself", async () => {
    for (const status of [500, 503, 520]) {
      const { url, requests } = await serve(() => ({ status, headers: { "retry-after": "0" }, body: "{}" }));
      const store = createSupabaseUseStore({ url, key, secret });
      await expect(store.consume(use)).rejects.toThrow(`HTTP ${status}`);
      expect(requests).toHaveLength(1);
    }
  });
});

describe("options", () => {
  const client = { rpc: () => {} };

  it.each([
    [{}, "url"],
    [{ url: "abc", key }, "url"],
    [{ url: "ftp://x", key }, "url"],
    [{ url: "https://x.supabase.co" }, "key"],
    [{ url: "https://x.supabase.co", key: "" }, "key"],
    [{ url: "https://x.supabase.co", key: "a\nb" }, "key"],
    [{ client: {} }, "client"],
    [{ client, url: "https://x.supabase.co", key }, "client"],
    [{ client, table: "x" }, "table"],
  ])("%j is refused by name", (options, name) => {
    expect(() => createSupabaseUseStore({ ...options, secret } as never)).toThrow(name);
    expect(() => createSupabasePaymentLog(options as never)).toThrow(name);
  });

  it.each([undefined, "short", [], [{ id: "a", secret: "short" }]])("the secret %j is refused", (bad) => {
    const options = { client, secret: bad } as never;
    expect(() => createSupabaseUseStore(options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it.each([{ maxWaiting: 0 }, { maxWaiting: 1.5 }, { waitUntil: 1 }, { onWarning: null }, { clock: 1 }])(
    "a log with %j is refused",
    (options) => {
      const [name] = Object.keys(options);
      expect(() => createSupabasePaymentLog({ client, ...options } as never)).toThrow(name);
    },
  );

  it("a log without waitUntil is refused on Workers, where it would write nothing", () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    onTestFinished(() => void vi.unstubAllGlobals());
    const connection = { client: client as never };
    expect(() => createSupabasePaymentLog(connection)).toThrow("waitUntil");
    createSupabasePaymentLog({ ...connection, waitUntil: () => {} });
    createSupabaseUseStore({ ...connection, secret });
  });
});
