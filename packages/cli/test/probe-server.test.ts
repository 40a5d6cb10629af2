import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall, macaroonFormat } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { l402 } from "./l402-process.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

interface Mistakes {
  /** How the server finds the page, while only the exact address is paid for. */
  pageOf?(path: string): string;
  /** What it answers to whoever sends a credential, before it is looked at. */
  toCredential?: number;
  catchAll?: boolean;
  /** In place of the paywall's own; an empty one is left out. */
  cors?: Record<string, string>;
  preflight?: Record<string, string>;
}

/** A shop as people write it, with a mistake of theirs around the paywall. */
async function openShop({ pageOf = (path) => path, toCredential, catchAll, cors = {}, preflight }: Mistakes) {
  const paywall = createPaywall({
    provider: fakeLightning().provider,
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    tokenFormat: macaroonFormat(),
  });
  const gate = paywall.gate({ price: 10 });
  const methods = new Set<string>();
  const server = createServer(async ({ method = "GET", url = "/", headers }, response) => {
    methods.add(method);
    for (const [name, value] of Object.entries(cors)) if (value) response.setHeader(name, value);
    if (method === "OPTIONS" && preflight) return response.writeHead(204, preflight).end();
    if (toCredential && headers.authorization) return response.writeHead(toCredential).end();
    if (url === "/api/weather") {
      const decision = await gate({ method, path: url, header: (name) => headers[name] });
      if (decision.outcome === "granted") return response.end("sunny");
      const { status, headers: own, body } = decision.reply;
      const kept = own.filter(([name]) => !(name.toLowerCase() in cors));
      return response.writeHead(status, Object.fromEntries(kept)).end(body);
    }
    return response.writeHead(pageOf(url) === "/api/weather" || catchAll ? 200 : 404).end("sunny");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/weather`, methods };
}

async function inspect(mistakes: Mistakes, args: readonly string[] = []) {
  const { url, methods } = await openShop(mistakes);
  const { code, stdout, stderr } = await l402(["inspect", ...args, url], { env: { L402_NETWORK: "regtest" } });
  expect(stderr).toBe("");
  return { code, stdout, methods };
}

describe.concurrent("l402 inspect asks again without paying", () => {
  it("and is content with a shop that does it right, whatever the method", async () => {
    const right = {
      cors: { "access-control-allow-origin": "*", "access-control-expose-headers": "X-A, www-authenticate" },
      preflight: { "access-control-allow-headers": "authorization" },
    };
    const { code, stdout, methods } = await inspect(right, ["-X", "POST", "-d", "x"]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/^[!✗]/m);
    expect(stdout).toContain("✓ The server refuses a made-up proof of payment.\n");
    expect(stdout).toContain("✓ Other spellings of the URL do not get around the paywall: //api/weather, ");
    expect(stdout).toContain("✓ Web pages of other sites can read the challenge and pay.\n");
    expect(methods).toEqual(new Set(["POST", "OPTIONS"]));
  });

  it("and finds each spelling that gets in", async () => {
    const pageOf = (path: string) =>
      decodeURIComponent(path).replace(/^\/+/, "/").replace(/\/$/, "").replace(/;.*/, "").toLowerCase();
    const { code, stdout } = await inspect({ pageOf });
    const paths = [
      "//api/weather",
      "/api/weather/",
      "/api/%77eather",
      "/api%2Fweather",
      "/API/WEATHER",
      "/api/weather;a=b",
    ];
    for (const path of paths)
      expect(stdout).toContain(`✗ The server answers ${path} with HTTP 200 and without payment`);
    expect(code).toBe(4);
    // Of several, only those.
    const upper = await inspect({ pageOf: (path) => path.toLowerCase() });
    expect(upper.stdout.match(/^✗.*/gm)).toEqual([
      expect.stringContaining("✗ The server answers /API/WEATHER with HTTP 200"),
    ]);
  });

  it("and calls a server that answers 200 to everything no way around", async () => {
    const { code, stdout } = await inspect({ catchAll: true });
    expect(code).toBe(0);
    expect(stdout).toMatch(/! The server answers with success even for a path that does not exist, /);
  });

  it.each([
    [200, "✗ The server answers a made-up proof of payment with HTTP 200"],
    [500, "✗ The server answers a made-up proof of payment with HTTP 500"],
    [400, "! The server answers a made-up proof of payment with HTTP 400"],
  ])("and finds %i for a made-up credential", async (toCredential, found) => {
    const { code, stdout } = await inspect({ toCredential });
    expect(stdout).toContain(found);
    expect(code).toBe(toCredential === 400 ? 0 : 4);
  });

  it("and finds what keeps pages of other sites from paying", async () => {
    const cors = { "access-control-allow-origin": "*" };
    const allowed = { "access-control-allow-headers": "Authorization" };
    const [none, hidden, star] = await Promise.all([
      inspect({ cors: { "access-control-allow-origin": "" } }),
      inspect({ cors: { ...cors, "access-control-expose-headers": "X-A" }, preflight: allowed }),
      inspect({
        cors: { ...cors, "access-control-expose-headers": "*" },
        preflight: { "access-control-allow-headers": "*" },
      }),
    ]);
    expect(none.stdout).toContain(
      "✓ Web pages of other sites cannot buy here, because there is no Access-Control-Allow-Origin header. Add it only if they should.\n",
    );
    expect(hidden.stdout).toMatch(
      /! Web pages of other sites cannot read .*Access-Control-Expose-Headers: WWW-Authenticate/,
    );
    expect(star.stdout).toMatch(/! Web pages of other sites cannot send .*Access-Control-Allow-Headers: Authorization/);
  });
});
