import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createLnurl } from "../src/index.ts";
import { publicFetch } from "../src/public-fetch.ts";

const answers: Record<string, { address: string; family: number }[]> = {};
vi.mock("node:dns/promises", () => ({ lookup: vi.fn(async (hostname: string) => answers[hostname] ?? []) }));

const { cert, key } = selfSigned("DNS:pay.example.com");
const server = createServer({ cert, key }, (request, response) => {
  if (request.url === "/moved") return void response.writeHead(302, { location: "https://127.0.0.1/" }).end();
  if (request.url === "/later") return void response.writeHead(429, { "retry-after": "7" }).end();
  response.end(JSON.stringify({ url: request.url, host: request.headers.host, accept: request.headers.accept }));
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const here = [{ address: "127.0.0.1", family: 4 }];
const local = (parts = {}) => publicFetch({ resolve: async () => here, isAllowed: () => true, ca: cert, ...parts });

describe("publicFetch", () => {
  it("fetches over TLS, by the name in the certificate", async () => {
    const response = await local()(`https://pay.example.com:${port}/a?b=1`, {
      headers: { accept: "application/json" },
    });
    expect(await response.json()).toEqual({
      url: "/a?b=1",
      host: `pay.example.com:${port}`,
      accept: "application/json",
    });
    await expect(local()(`https://other.example.com:${port}/`)).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("resolves a name once, and connects to what it looked at", async () => {
    const resolve = vi.fn(async () => here);
    await local({ resolve })(`https://pay.example.com:${port}/`);
    expect(resolve).toHaveBeenCalledExactlyOnceWith("pay.example.com");
  });

  it("follows no redirect, and hands on when to come back", async () => {
    expect((await local()(`https://pay.example.com:${port}/moved`)).status).toBe(302);
    expect((await local()(`https://pay.example.com:${port}/later`)).headers.get("retry-after")).toBe("7");
  });

  it("gives up with its caller", async () => {
    await expect(local()(`https://pay.example.com:${port}/`, { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it.each([
    ["127.0.0.1"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["::1"],
    ["::ffff:10.0.0.1"],
    ["fd00::1"],
    // One bad address is enough: nobody knows which one would be taken.
    ["1.1.1.1", "127.0.0.1"],
    [],
  ])("refuses a name that leads to %s %s", async (...addresses) => {
    const resolve = async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    await expect(publicFetch({ resolve })("https://pay.example.com/")).rejects.toMatchObject({
      code: "PROVIDER_REJECTED",
      message: expect.stringContaining("pay.example.com"),
    });
  });
});

describe("createLnurl", () => {
  const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
  const rejected = { code: "PROVIDER_REJECTED", message: expect.stringContaining("public internet") };

  it("asks no host whose name leads into the network of the server", async () => {
    answers["rebind.example.com"] = [{ address: "192.168.0.1", family: 4 }];
    const provider = createLnurl({ address: "alice@rebind.example.com" });
    await expect(provider.createInvoice(order)).rejects.toMatchObject(rejected);
    const ref = { paymentHash: "ab".repeat(32), providerRef: "https://rebind.example.com/verify" };
    await expect(createLnurl({ address: "alice@example.com" }).lookupInvoice(ref)).rejects.toMatchObject(rejected);
  });

  it("sends nothing to a callback or a verify URL in the network of the server", async () => {
    const asked: string[] = [];
    const terms = { tag: "payRequest", minSendable: 1, maxSendable: 1e9, metadata: "[]" };
    for (const callback of ["https://127.0.0.1/admin", "http://example.com/", "https://metadata.internal/"]) {
      const fetch = async (input: unknown) => {
        asked.push(String(input));
        return Response.json({ ...terms, callback });
      };
      const provider = createLnurl({ address: "alice@example.com", fetch });
      await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
      const ref = { paymentHash: "ab".repeat(32), providerRef: callback };
      await expect(provider.lookupInvoice(ref)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    }
    expect(new Set(asked)).toEqual(new Set(["https://example.com/.well-known/lnurlp/alice"]));
  });
});

function selfSigned(names: string): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "l402-tls-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const command = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert}`;
    const more = `-days 2 -subj /CN=test -addext subjectAltName=${names}`;
    execFileSync("openssl", `${command} ${more}`.split(" "), { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
