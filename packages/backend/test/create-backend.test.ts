import { inspect } from "node:util";
import { isL402Error, type L402Error } from "@l402/core";
import { describe, expect, it, vi } from "vitest";
import { type BackendOptions, createBackend, type Question } from "../src/index.ts";
import { serve } from "./loopback-server.ts";

const KEY = "sk_live_0123456789";
const options = { name: "LND", url: "http://127.0.0.1:1", headers: { "x-key": KEY } };

const answering = (status: number, text = "", headers: Record<string, string> = {}) => ({
  fetch: async () => new Response(text, { status, headers }),
});

const ask = (more: Partial<BackendOptions>, question: Partial<Question> = {}) =>
  createBackend({ ...options, ...more }).ask({ path: "/v1/x", ...question });

async function errorOf(call: Promise<unknown>): Promise<L402Error> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isL402Error(error)) throw new Error(`There must be an L402Error, not ${error}.`);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  return error;
}

describe("createBackend", () => {
  it.each([
    ["url", { url: "node" }],
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["timeoutSeconds", { timeoutSeconds: Number.NaN }],
    ["timeoutSeconds", { timeoutSeconds: 601 }],
    ["timeoutSeconds", { timeoutSeconds: "10" as never }],
    ["fetch", { fetch: "fetch" as never }],
    ["tlsCert", { tlsCert: "/home/me/.lnd/tls.cert" }],
    ["tlsCert", { tlsCert: "-----BEGIN CERTIFICATE-----\nMIIB" }],
    ["tlsCert", { tlsCert: "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----" }],
    ["skipTlsVerify", { skipTlsVerify: "false" as never }],
    ["the key", { headers: { "x-key": `${KEY}\r\nx-other: 1` } }],
    ["the key", { headers: { "x-key": `${KEY}…` } }],
    ["url", { skipTlsVerify: true }],
    ["fetch", { url: "https://127.0.0.1", skipTlsVerify: true, fetch }],
  ])("refuses a wrong %s: %j", (option, wrong) => {
    const create = () => createBackend({ ...options, ...wrong });
    expect(create).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(create).toThrow(option);
    expect(create).not.toThrow(KEY);
  });

  it("names the factory whose option is wrong", () => {
    const create = () => createBackend({ ...options, owner: "createLnd", url: "node" });
    expect(create).toThrow("createLnd: url must be a URL, such as https://host:8080.");
    expect(() => createBackend({ ...options, owner: "createLnd", timeoutSeconds: 0 })).toThrow(
      "createLnd: timeoutSeconds must be",
    );
  });

  it("asks nothing by itself", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    createBackend({ ...options, fetch });
    expect(fetch).not.toHaveBeenCalled();
  });
});

describe("a question", () => {
  it("is sent as it was asked, with the key", async () => {
    await using server = await serve((request, response) => {
      let text = "";
      request.on("data", (chunk) => (text += chunk));
      const { method, url, headers } = request;
      request.on("end", () => response.end(JSON.stringify({ method, url, headers, text })));
    });
    const backend = createBackend({ ...options, url: `${server.url}/lnd/` });
    const get = await backend.ask({ path: "/v1/x", query: { a: "b c" }, headers: { "x-more": "1" } });
    expect(get).toMatchObject({ status: 200, fundsMoved: "no" });
    expect(get.body).toMatchObject({
      method: "GET",
      url: "/lnd/v1/x?a=b+c",
      text: "",
      headers: { "x-key": KEY, "x-more": "1", accept: "application/json" },
    });
    const json = await backend.ask({ method: "POST", path: "/", json: { a: 1 } });
    expect(json.body).toMatchObject({ text: '{"a":1}', headers: { "content-type": "application/json" } });
    const form = await backend.ask({ method: "POST", path: "/", form: { a: "1 2" } });
    expect(form.body).toMatchObject({ text: "a=1+2" });
    expect((form.body as { headers: Record<string, string> }).headers["content-type"]).toMatch(
      /^application\/x-www-form-urlencoded/,
    );
  });

  it("is answered by a 2xx, JSON or not", async () => {
    expect(await ask(answering(201, '{"a":1}'))).toMatchObject({ status: 201, body: { a: 1 } });
    expect(await ask(answering(200, "<p>"))).toMatchObject({ text: "<p>", body: undefined });
    expect((await ask({ fetch: async () => new Response(null, { status: 204 }) })).text).toBe("");
  });

  it("accepts the statuses and the answers that it knows", async () => {
    expect((await ask(answering(404, "{}"), { accept: [404] })).status).toBe(404);
    const accept = ({ body }: { body: unknown }) => (body as { code?: number } | undefined)?.code === 5;
    expect((await ask(answering(500, '{"code":5}'), { accept })).status).toBe(500);
    expect((await errorOf(ask(answering(500, "<p>"), { accept }))).code).toBe("PROVIDER_BAD_RESPONSE");
  });

  it("takes the first line of a stream that stays open", async () => {
    const pieces = ["\n ", '\n{"a"', ":1}", "\n", '{"b":2}\n'];
    let canceled = false;
    const open = () =>
      new ReadableStream<Uint8Array>({
        pull: (stream) => {
          const piece = pieces.shift();
          if (piece !== undefined) stream.enqueue(new TextEncoder().encode(piece));
          return piece === undefined ? new Promise(() => {}) : undefined;
        },
        cancel: () => {
          canceled = true;
        },
      });
    const answer = await ask({ fetch: async () => new Response(open()) }, { firstLine: true });
    expect(answer.body).toEqual({ a: 1 });
    expect(canceled).toBe(true);
  });

  it("takes a last line without an end for the first", async () => {
    expect((await ask(answering(200, '{"a":1}'), { firstLine: true })).body).toEqual({ a: 1 });
    expect((await ask(answering(200, "\n\n"), { firstLine: true })).text).toBe("");
  });

  it("reads letters that arrive in halves", async () => {
    const bytes = new TextEncoder().encode('{"a":"☕"}');
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect((await ask({ fetch: async () => new Response(stream) })).body).toEqual({ a: "☕" });
  });
});

describe("an answer that is none", () => {
  it.each([
    [301, "PROVIDER_BAD_RESPONSE", false],
    [400, "PROVIDER_REJECTED", false],
    [401, "PROVIDER_UNAUTHORIZED", false],
    [403, "PROVIDER_UNAUTHORIZED", false],
    [404, "PROVIDER_BAD_RESPONSE", false],
    [405, "PROVIDER_BAD_RESPONSE", false],
    [408, "PROVIDER_TIMEOUT", true],
    [409, "PROVIDER_REJECTED", false],
    [422, "PROVIDER_REJECTED", false],
    [429, "PROVIDER_RATE_LIMITED", true],
    [500, "PROVIDER_BAD_RESPONSE", true],
    [502, "PROVIDER_UNREACHABLE", true],
    [503, "PROVIDER_UNREACHABLE", true],
    [504, "PROVIDER_TIMEOUT", true],
    [520, "PROVIDER_BAD_RESPONSE", true],
  ])("with status %i is %s", async (status, code, retryable) => {
    const error = await errorOf(ask(answering(status, `{"error":"the key ${KEY} is wrong"}`)));
    expect(error).toMatchObject({ code, retryable, fundsMoved: "no" });
    expect(error.hint).not.toBe("");
    expect(error.message).toContain(`HTTP ${status}`);
  });

  it.each([
    [400, "no"],
    [401, "no"],
    [404, "no"],
    [429, "no"],
    [301, "no"],
    [408, "maybe"],
    [409, "maybe"],
    [499, "maybe"],
    [500, "maybe"],
    [502, "maybe"],
    [504, "maybe"],
  ])("says of a payment with status %i whether money moved: %s", async (status, fundsMoved) => {
    expect(await errorOf(ask(answering(status), { pays: true }))).toMatchObject({ fundsMoved });
  });

  it("is what the backend means by it", async () => {
    const explain = ({ text }: { text: string }) =>
      text.includes("macaroon")
        ? ({ code: "PROVIDER_UNAUTHORIZED", certain: true, hint: "Bake one." } as const)
        : undefined;
    const question = { pays: true };
    expect(await errorOf(ask({ ...answering(500, "no macaroon"), explain }, question))).toMatchObject({
      code: "PROVIDER_UNAUTHORIZED",
      retryable: false,
      fundsMoved: "no",
      hint: "Bake one.",
    });
    expect(await errorOf(ask({ ...answering(500, "oops"), explain }, question))).toMatchObject({
      code: "PROVIDER_BAD_RESPONSE",
      retryable: true,
      fundsMoved: "maybe",
    });
  });

  it.each([
    ["7", 7],
    ["0.5", 1],
    ["", undefined],
    ["-1", undefined],
    ["1e99", undefined],
    ["soon", undefined],
  ])("says when to come back: %j", async (retryAfter, seconds) => {
    const error = await errorOf(ask(answering(429, "", { "retry-after": retryAfter })));
    expect(error.retryAfterSeconds).toBe(seconds);
  });

  it("is not followed elsewhere", async () => {
    const asked: (string | undefined)[] = [];
    await using server = await serve((request, response) => {
      asked.push(request.url);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    const error = await errorOf(ask({ url: server.url }));
    expect(error.hint).toBe("Set url to the address of the redirect, if you trust it.");
    expect(asked).toEqual(["/v1/x"]);
  });

  it.each([
    "Client sent an HTTP request to an HTTPS server.\n",
    "<p>The plain HTTP request was sent to HTTPS port</p>",
  ])("says that the port is for https: %j", async (words) => {
    const error = await errorOf(ask(answering(400, words)));
    expect(error.hint).toBe("Begin url with https://, because the server uses TLS on this port.");
  });

  it("is cut off at 1 MiB", async () => {
    let sent = 0;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(stream) {
          sent++;
          stream.enqueue(new Uint8Array(65_536).fill(120));
        },
      });
    for (const firstLine of [false, true]) {
      const error = await errorOf(ask({ fetch: async () => new Response(endless()) }, { firstLine, pays: true }));
      expect(error).toMatchObject({ code: "PROVIDER_BAD_RESPONSE", fundsMoved: "maybe" });
    }
    expect(sent).toBeLessThan(50);
  });
});

describe("nobody who answers", () => {
  const hanging = { fetch: () => new Promise<never>(() => {}) };

  it.each([
    ["no", false],
    ["maybe", true],
  ])("is waited for as long as was said, and money moved: %s", async (fundsMoved, pays) => {
    const error = await errorOf(ask({ ...hanging, timeoutSeconds: 0.02 }, { pays }));
    expect(error).toMatchObject({ code: "PROVIDER_TIMEOUT", retryable: true, fundsMoved });
    expect(error.message).toBe("LND at 127.0.0.1:1 did not answer within 0.02 s.");
  });

  it("is waited for ten seconds where nothing was said", async () => {
    vi.useFakeTimers();
    try {
      const error = errorOf(ask(hanging));
      await vi.advanceTimersByTimeAsync(10_000);
      expect((await error).message).toContain("within 10 s");
    } finally {
      vi.useRealTimers();
    }
  });

  it("is waited for longer where the question says so", async () => {
    const slow = { fetch: () => new Promise<Response>((resolve) => setTimeout(() => resolve(new Response("{}")), 60)) };
    expect((await ask({ ...slow, timeoutSeconds: 0.02 }, { paymentSeconds: 5 })).status).toBe(200);
  });

  it("is not waited for when the caller gives up, by a fetch that does not listen either", async () => {
    const caller = new AbortController();
    const asked = errorOf(ask(hanging, { signal: caller.signal, pays: true }));
    caller.abort(new Error(KEY));
    expect(await asked).toMatchObject({ code: "PROVIDER_TIMEOUT", fundsMoved: "maybe" });
  });

  it("is not asked when the caller gave up before", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const error = await errorOf(ask({ fetch }, { signal: AbortSignal.abort(), pays: true }));
    expect(error).toMatchObject({ code: "PROVIDER_TIMEOUT", fundsMoved: "no" });
    expect(fetch).not.toHaveBeenCalled();
  });

  it("tells fetch to stop", async () => {
    let signal: AbortSignal | null | undefined;
    const fetch: typeof globalThis.fetch = (_, init) => {
      signal = init?.signal;
      return new Promise(() => {});
    };
    await errorOf(ask({ fetch, timeoutSeconds: 0.02 }));
    expect(signal?.aborted).toBe(true);
  });

  it("leaves no listener behind at the caller's signal", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    signal.addEventListener = () => void listeners++;
    signal.removeEventListener = () => void listeners--;
    for (let i = 0; i < 3; i++) await ask(answering(200, "{}"), { signal });
    expect(listeners).toBe(0);
  });
});

describe("a connection that fails", () => {
  const failing = (error: unknown) => ({
    fetch: async () => {
      throw error;
    },
  });
  it.each([
    ["ECONNREFUSED", /No program accepts connections on this port/],
    ["ConnectionRefused", /No program accepts connections on this port/],
    ["ENOTFOUND", /This host name does not exist/],
    ["EAI_AGAIN", /./],
    ["ETIMEDOUT", /./],
    ["ENETUNREACH", /./],
    ["ECONNRESET", /./],
    ["EPIPE", /./],
    ["UND_ERR_CONNECT_TIMEOUT", /./],
  ])("with %s says so, and has a hint", async (code, hint) => {
    // Even the code of a refused connection shows nothing: a route can break off in the middle with it.
    const fault = Object.assign(new Error(`of ${KEY}`), { code, syscall: "connect" });
    for (const thrown of [fault, new TypeError("fetch failed", { cause: fault })]) {
      const error = await errorOf(ask(failing(thrown), { pays: true }));
      expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", fundsMoved: "maybe", retryable: true });
      expect(error.message).toBe(`LND at 127.0.0.1:1 cannot be reached (${code}).`);
      expect(error.hint).toMatch(hint);
    }
  });

  it.each([undefined, null, "text", { code: KEY }, { code: 7 }, {}])("may throw anything: %j", async (thrown) => {
    const error = await errorOf(ask(failing(thrown), { pays: true }));
    expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", fundsMoved: "maybe" });
    expect(error.message).toBe("LND at 127.0.0.1:1 cannot be reached.");
  });

  it("says that nothing was sent where nothing listens", async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    expect(await errorOf(ask({ url: server.url }, { pays: true }))).toMatchObject({ fundsMoved: "no" });
  });

  it("says that something may have been sent where the connection breaks", async () => {
    await using server = await serve((_, response) => response.destroy());
    expect(await errorOf(ask({ url: server.url }, { pays: true }))).toMatchObject({ fundsMoved: "maybe" });
  });
});
