import { isL402Error, type L402Error } from "@l402/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createBackend } from "../src/index.ts";
import { expired, selfSigned } from "./certificates.ts";
import { serve } from "./loopback-server.ts";

const LOOPBACK = "IP:127.0.0.1,DNS:localhost";
const good = selfSigned(LOOPBACK);
const other = selfSigned(LOOPBACK);

/** Asks for a payment, so that an error has to say whether anything was sent. */
async function errorOf(call: Promise<unknown>): Promise<L402Error> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isL402Error(error)) throw new Error("There must be an L402Error.");
  return error;
}

describe("a backend with a certificate of its own", () => {
  it("is trusted by the certificate that is pinned", async () => {
    await using server = await serve((request, response) => {
      let text = "";
      request.on("data", (chunk) => (text += chunk));
      request.on("end", () => response.end(JSON.stringify({ text, headers: request.headers, method: request.method })));
    }, good);
    const backend = createBackend({ name: "LND", url: server.url, headers: { "x-key": "k" }, tlsCert: good.cert });
    const { body } = await backend.ask({ method: "POST", path: "/pay", json: { tea: "☕" } });
    expect(body).toMatchObject({
      method: "POST",
      text: '{"tea":"☕"}',
      headers: { "x-key": "k", "content-type": "application/json", "content-length": "13" },
    });
  });

  it.each(["\r\n", " \n"])("is trusted where the lines of the certificate end in %j", async (end) => {
    await using server = await serve((_, response) => response.end("{}"), good);
    const tlsCert = `# LND\n${good.cert.replaceAll("\n", end)}and more`;
    const { status } = await createBackend({ name: "LND", url: server.url, tlsCert }).ask({ path: "/" });
    expect(status).toBe(200);
  });

  it("is asked over one connection again and again", async () => {
    await using server = await serve((_, response) => response.end("{}"), good);
    const backend = createBackend({ name: "LND", url: server.url, tlsCert: good.cert });
    for (let i = 0; i < 3; i++) await backend.ask({ path: "/" });
    expect(server.connections).toBe(1);
  });

  it.each([
    ["no pin", undefined, good, "DEPTH_ZERO_SELF_SIGNED_CERT", /pass it in PEM format as tlsCert/],
    ["another pin", other.cert, good, "", /certificate differs from tlsCert/],
    ["other names", undefined, selfSigned("DNS:node.example"), "ERR_TLS_CERT_ALTNAME_INVALID", /other host names/],
    ["a date that is over", undefined, expired(LOOPBACK), "CERT_HAS_EXPIRED", /has expired or is not valid yet/],
  ])("is refused for %s, before anything is sent", async (what, pin, certificate, code, hint) => {
    let asked = 0;
    await using server = await serve((_, response) => {
      asked++;
      response.end("{}");
    }, certificate);
    const tlsCert = what === "no pin" ? undefined : (pin ?? certificate.cert);
    const backend = createBackend({ name: "LND", url: server.url, tlsCert });
    const error = await errorOf(backend.ask({ path: "/", pays: true }));
    expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", retryable: false, fundsMoved: "no" });
    expect(error.message).toContain(code);
    expect(error.hint).toMatch(hint);
    expect(asked).toBe(0);
  });

  it("gets another hint where its package has no tlsCert", async () => {
    await using server = await serve((_, response) => response.end("{}"), good);
    const error = await errorOf(createBackend({ name: "Blink", url: server.url }).ask({ path: "/" }));
    expect(error.hint).toMatch(/somebody may be intercepting the connection/);
    const fetch = () => Promise.reject(Object.assign(new Error(), { code: "CERT_HAS_EXPIRED" }));
    const { hint } = await errorOf(createBackend({ name: "Blink", url: server.url, fetch }).ask({ path: "/" }));
    expect(hint).toMatch(/Check the clock, and renew the certificate\.$/);
  });

  it("explains a pin that lost some of its characters", async () => {
    await using server = await serve((_, response) => response.end("{}"), good);
    const tlsCert = good.cert.replace(/\n.{20}/, "\n");
    const error = await errorOf(
      createBackend({ name: "LND", url: server.url, tlsCert }).ask({ path: "/", pays: true }),
    );
    expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", retryable: false, fundsMoved: "no" });
    expect(error.hint).toMatch(/copy all of it into tlsCert/);
  });

  it("explains a port that does not speak TLS", async () => {
    await using server = await serve((_, response) => response.end("{}"));
    const url = server.url.replace("http:", "https:");
    for (const tlsCert of [undefined, good.cert]) {
      const error = await errorOf(createBackend({ name: "LND", url, tlsCert }).ask({ path: "/" }));
      expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", retryable: false });
      expect(error.hint).toMatch(/does not use TLS/);
    }
  });
});

describe("where no certificate can be pinned", () => {
  afterEach(() => void vi.unstubAllGlobals());
  const create = (more: object) => createBackend({ name: "LND", url: "https://127.0.0.1:8080", ...more });

  it.each([
    ["Cloudflare Workers", "navigator", { userAgent: "Cloudflare-Workers" }],
    ["a browser", "process", undefined],
    ["a bundler's stand-in for process", "process", { versions: {} }],
  ])("says so at once: %s", (_, name, value) => {
    vi.stubGlobal(name, value);
    const created = [{ tlsCert: good.cert }, { skipTlsVerify: true }].map((more) => {
      try {
        return create(more);
      } catch (error) {
        return error;
      }
    });
    const plain = create({});
    vi.unstubAllGlobals();
    const told = "must be left out, because only Node, Bun and Deno can choose which certificates they trust.";
    expect(created).toMatchObject([
      { code: "CONFIG_INVALID", message: `LND: tlsCert ${told}` },
      { code: "CONFIG_INVALID", message: `LND: skipTlsVerify ${told}` },
    ]);
    expect(plain.name).toBe("LND");
  });
});

describe("skipTlsVerify", () => {
  it("is refused beside a pin, which it would undo", () => {
    const both = { name: "LND", url: "https://127.0.0.1:8080", tlsCert: other.cert, skipTlsVerify: true };
    expect(() => createBackend(both)).toThrow("LND: skipTlsVerify must be left out if tlsCert is set.");
    createBackend({ ...both, skipTlsVerify: false });
  });

  it("trusts any certificate of a private host", async () => {
    await using server = await serve((_, response) => response.end('{"ok":true}'), expired("DNS:node.example"));
    const backend = createBackend({ name: "LND", url: server.url, skipTlsVerify: true });
    expect((await backend.ask({ path: "/" })).body).toEqual({ ok: true });
  });

  it("does not weaken other connections of the process", async () => {
    await using server = await serve((_, response) => response.end("{}"), good);
    await createBackend({ name: "LND", url: server.url, skipTlsVerify: true }).ask({ path: "/" });
    await expect(fetch(server.url)).rejects.toThrow();
    await expect(createBackend({ name: "LND", url: server.url }).ask({ path: "/" })).rejects.toThrow("SELF_SIGNED");
    expect(process.env.NODE_TLS_REJECT_UNAUTHORIZED).toBeUndefined();
  });

  it.each(["https://node.example", "https://8.8.8.8:8080"])("is refused for a public host: %s", (url) => {
    expect(() => createBackend({ name: "LND", url, skipTlsVerify: true })).toThrow(
      "LND: skipTlsVerify must be left out, because the host is public",
    );
  });
});

describe("a hostile server behind a pinned connection", () => {
  const ask = async (server: { url: string }, more = {}) =>
    createBackend({ name: "LND", url: server.url, tlsCert: good.cert, timeoutSeconds: 1 }).ask({ path: "/", ...more });

  it.each([204, 205, 304, 600, 999])("does not end the process with status %i", async (status) => {
    await using server = await serve((_, response) => response.writeHead(status).end(), good);
    const outcome = await ask(server).then(
      (answer) => answer.status,
      (error) => (isL402Error(error) ? error.code : error),
    );
    expect([204, 205, "PROVIDER_BAD_RESPONSE", "PROVIDER_UNREACHABLE"]).toContain(outcome);
  });

  it("is not followed elsewhere", async () => {
    let asked = 0;
    await using server = await serve((_, response) => {
      asked++;
      response.writeHead(307, { location: "/elsewhere" }).end();
    }, good);
    await expect(ask(server)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    expect(asked).toBe(1);
  });

  it("cannot send megabytes", async () => {
    await using server = await serve((_, response) => response.end("x".repeat(3_000_000)), good);
    await expect(ask(server)).rejects.toThrow("more than 1 MiB");
  });

  it("cannot keep anybody waiting", async () => {
    await using server = await serve((_, response) => response.writeHead(200).write("{"), good);
    await expect(ask(server)).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
    await expect(ask(server, { signal: AbortSignal.timeout(50) })).rejects.toThrow(
      "LND had not answered when the caller aborted the request.",
    );
  });

  it("says when to come back", async () => {
    await using server = await serve((_, response) => response.writeHead(429, { "retry-after": "7" }).end(), good);
    await expect(ask(server)).rejects.toMatchObject({ code: "PROVIDER_RATE_LIMITED", retryAfterSeconds: 7 });
  });

  it("may leave a stream open: its first line is enough", async () => {
    await using server = await serve((_, response) => response.writeHead(200).write('{"line":1}\n'), good);
    expect((await ask(server, { firstLine: true })).body).toEqual({ line: 1 });
  });
});
