import type { RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { isL402Error, type L402Error } from "@l402/core";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createBackend } from "../src/index.ts";
import { selfSigned } from "./certificates.ts";
import { startInjectingRelay } from "./injecting-relay.ts";
import { serve } from "./loopback-server.ts";

const certificate = selfSigned("IP:127.0.0.1,DNS:localhost");

const record = (type: number, content: Buffer, length = content.length) =>
  Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 255]), content]);
const alert = (code: number) => record(21, Buffer.from([2, code]));

/** What whoever is on the way can do without a key, and the code that it has brought about somewhere. */
const HARMS: Record<string, (client: Socket) => void> = {
  "plain HTTP (WRONG_VERSION_NUMBER)": (client) => client.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "a record without end (PACKET_LENGTH_TOO_LONG)": (client) => client.write(record(23, Buffer.alloc(3), 0xffff)),
  "a record of another version (UNSUPPORTED_PROTOCOL)": (client) => client.write(Buffer.from([23, 2, 0, 0, 1, 0])),
  "a record of nobody's key (BAD_RECORD_MAC)": (client) => client.write(record(23, Buffer.alloc(40, 7))),
  "a hello in the middle": (client) => client.write(record(22, Buffer.from([2, 0, 0, 2, 3, 3]))),
  "a plain alert: bad certificate": (client) => client.write(alert(42)),
  "a plain alert: unknown authority": (client) => client.write(alert(48)),
  "a plain alert: protocol version": (client) => client.write(alert(70)),
  "an end (EPIPE, UND_ERR_SOCKET)": (client) => client.end(),
  "a reset (ECONNRESET)": (client) => client.resetAndDestroy(),
};

/** A TLS server that has read each payment, and answers when it is told. */
async function payee() {
  const waiting: ServerResponse[] = [];
  let paid = 0;
  let arrived = () => {};
  const listener: RequestListener = (request, response) => {
    request.resume().on("end", () => {
      if (request.url === "/warm") return response.end("{}");
      paid++;
      waiting.push(response);
      return arrived();
    });
  };
  const server = await serve(listener, certificate);
  return {
    server,
    paid: () => paid,
    nextPayment: () =>
      new Promise<void>((resolve) => {
        arrived = resolve;
      }),
    answer: () => {
      for (const response of waiting) response.end("{}");
    },
  };
}

async function errorOf(call: Promise<unknown>): Promise<L402Error> {
  const error = await call.then(
    (answer) => answer,
    (thrown: unknown) => thrown,
  );
  if (!isL402Error(error)) throw new Error("There must be an L402Error.");
  return error;
}

const pay = { method: "POST", path: "/pay", json: { invoice: "lnbc1" }, pays: true } as const;

describe.each([
  ["a pinned certificate", certificate.cert],
  ["Node's own fetch", undefined],
])("a payment that fails by %s", (_, tlsCert) => {
  // Node's fetch cannot be told whom to trust.
  beforeEach(() => {
    if (!tlsCert) vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  });
  afterEach(() => vi.unstubAllEnvs());

  const backendAt = (url: string) => createBackend({ name: "LND", url, tlsCert, timeoutSeconds: 5 });

  describe.each([
    ["on a new connection", false],
    ["on a connection that was used before", true],
  ])("%s", (_when, isUsed) => {
    it.each(Object.entries(HARMS))("after the request, by %s, may have been made", async (_what, harm) => {
      const { server, paid, nextPayment } = await payee();
      await using _server = server;
      await using relay = await startInjectingRelay(server.port);
      const backend = backendAt(relay.url);
      if (isUsed) {
        await backend.ask({ path: "/warm" });
        // Until then the connection is not free.
        await turn();
      }
      const sent = nextPayment();
      const failed = errorOf(backend.ask(pay));
      await sent;
      expect(relay.harm(harm)).toBe(1);
      expect(await failed).toMatchObject({ code: "PROVIDER_UNREACHABLE", fundsMoved: "maybe" });
      expect(paid()).toBe(1);
    });
  });

  it("after the request, by a reset and then a port where nobody listens, may have been made", async () => {
    const { server, paid, nextPayment } = await payee();
    await using _server = server;
    await using relay = await startInjectingRelay(server.port);
    const backend = backendAt(relay.url);
    await backend.ask({ path: "/warm" });
    await turn();
    const sent = nextPayment();
    const failed = errorOf(backend.ask(pay));
    await sent;
    await relay.stop();
    expect(await failed).toMatchObject({ fundsMoved: "maybe" });
    expect(paid()).toBe(1);
  });

  it.each(Object.entries(HARMS))("before there is a connection, by %s, was certainly not made", async (_what, harm) => {
    const { server, paid } = await payee();
    await using _server = server;
    await using relay = await startInjectingRelay(server.port);
    relay.harmFirst((client) => void client.once("data", () => harm(client)));
    expect(await errorOf(backendAt(relay.url).ask(pay))).toMatchObject({ fundsMoved: "no" });
    expect(paid()).toBe(0);
  });

  it.each([
    [
      "nobody listens",
      async () => {
        const server = await serve(() => {});
        await server[Symbol.asyncDispose]();
        return server.url.replace("http:", "https:");
      },
    ],
    ["there is no such host", async () => "https://nobody.invalid"],
  ])("because %s was certainly not made", async (_what, url) => {
    expect(await errorOf(backendAt(await url()).ask(pay))).toMatchObject({ fundsMoved: "no" });
  });
});

describe("a payment by a fetch that tries again", () => {
  it("may have been made, although its last try could not even connect", async () => {
    let paid = 0;
    const server = await serve((request, response) => {
      paid++;
      request.resume().on("end", () => response.destroy());
    });
    const twice: typeof fetch = async (input, init) => {
      try {
        return await fetch(input, init);
      } catch {
        await server[Symbol.asyncDispose]();
        return fetch(input, init);
      }
    };
    const error = await errorOf(createBackend({ name: "LND", url: server.url, fetch: twice }).ask(pay));
    expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", fundsMoved: "maybe" });
    expect(error.message).toContain("ECONNREFUSED");
    expect(paid).toBe(1);
  });
});

describe("a payment by the global fetch", () => {
  const realFetch = globalThis.fetch;
  const globals = globalThis as unknown as Record<symbol, Dispatcher>;
  const dispatcherKey = Symbol.for("undici.globalDispatcher.1");
  interface Dispatcher {
    dispatch(options: object, handler: Handler): boolean;
  }
  interface Handler {
    onError(error: Error): void;
  }

  /** A node that stops once it has read a payment, without an answer or with 421. */
  async function stoppingNode(answer?: 421) {
    let paid = 0;
    const server = await serve((request, response) => {
      request.resume().on("end", () => {
        paid++;
        if (answer) response.writeHead(answer, { connection: "close" }).end(() => void server[Symbol.asyncDispose]());
        else void server[Symbol.asyncDispose]();
      });
    });
    return { server, paid: () => paid };
  }

  /** Wraps the global fetch by one that waits until the node has stopped, and then tries again. */
  async function wrapFetch(stopped: () => PromiseLike<void>) {
    vi.stubGlobal("fetch", async (input: string, init: RequestInit) => {
      try {
        return await realFetch(input, init);
      } catch {
        await stopped();
        return realFetch(input, init);
      }
    });
  }

  /** Lets Node's own fetch send again what failed, as a retrying dispatcher of undici does. */
  async function retryInDispatcher(stopped: () => PromiseLike<void>) {
    // Node sets its dispatcher when fetch first runs.
    await realFetch("data:,");
    const real = globals[dispatcherKey] as Dispatcher;
    globals[dispatcherKey] = {
      dispatch(options, handler) {
        const first: Handler = Object.create(handler);
        first.onError = () => void stopped().then(() => real.dispatch(options, handler));
        return real.dispatch(options, first);
      },
    };
    onTestFinished(() => {
      globals[dispatcherKey] = real;
    });
  }

  afterEach(() => vi.unstubAllGlobals());

  const backendAt = (url: string) => createBackend({ name: "LND", url, timeoutSeconds: 5 });

  it.each([
    ["of a wrapped fetch", undefined, wrapFetch],
    ["of a retrying dispatcher", undefined, retryInDispatcher],
    ["that was answered with 421", 421 as const, async () => {}],
  ])("may have been made by an earlier try %s", async (_what, answer, prepare) => {
    const { server, paid } = await stoppingNode(answer);
    await prepare(() => server[Symbol.asyncDispose]());
    const error = await errorOf(backendAt(server.url).ask({ ...pay, query: { wait: "yes" } }));
    expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", fundsMoved: "maybe" });
    expect(error.message).toContain("ECONNREFUSED");
    expect(paid()).toBe(1);
  });

  it.each([
    ["by a wrapped fetch", wrapFetch],
    ["by a retrying dispatcher", retryInDispatcher],
    ["by Node's own fetch", async () => {}],
  ])("was certainly not made if each try %s was refused, also two at once", async (_what, prepare) => {
    const server = await serve((_request, response) => response.writeHead(200, { connection: "close" }).end("{}"));
    const backend = backendAt(server.url);
    // What was sent before the payment began does not count.
    await backend.ask(pay);
    await server[Symbol.asyncDispose]();
    await prepare(async () => {});
    for (const error of await Promise.all([errorOf(backend.ask(pay)), errorOf(backend.ask(pay))]))
      expect(error).toMatchObject({ code: "PROVIDER_UNREACHABLE", fundsMoved: "no" });
  });
});
