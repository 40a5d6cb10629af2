import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientAddress } from "../../src/http/client-address.ts";
import { serverFor } from "../../src/http/listen.ts";
import { createRateLimits } from "../../src/http/rate-limits.ts";
import { type Served, serve } from "./served.ts";

let served: Served;
let apiKey: string;
beforeAll(async () => {
  served = await serve({}, { timeLimitSeconds: 0.5 });
  ({ apiKey } = await served.signUp());
});
afterAll(() => served.close());

/** Sends bytes as they are; answers what comes back until the end. */
async function raw(text: string, more: (socket: ReturnType<typeof connect>) => void = () => {}): Promise<string> {
  const socket = connect(Number(new URL(served.url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => {});
  socket.write(text);
  more(socket);
  await once(socket, "close");
  return answer;
}

describe("a body", () => {
  it("of 16 KiB is read, and one byte more is refused", async () => {
    const of = (bytes: number) => {
      const json = JSON.stringify({ amountMsat: 1_000, description: "" });
      return `${json}${" ".repeat(bytes - json.length)}`;
    };
    expect((await served.ask("/v1/invoices", { key: apiKey, body: of(16_384) })).status).toBe(201);
    const { status, body } = await served.ask("/v1/invoices", { key: apiKey, body: of(16_385) });
    expect([status, body.code]).toEqual([413, "BODY_TOO_LARGE"]);
  });

  it("that comes in chunks is counted as it comes", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_024;
        controller.enqueue(new Uint8Array(1_024).fill(32));
        if (sent > 50_000_000) controller.close();
      },
    });
    const answer = await served.ask("/v1/invoices", { key: apiKey, body: endless }).catch(() => undefined);
    // The connection may be cut before the answer is read.
    if (answer) expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(5_000_000);
  });

  it("of a webhook ends as well", async () => {
    const { status } = await served.ask("/webhooks", { body: "0".repeat(65_537) });
    expect(status).toBe(413);
  });

  it("that lies about its length moves nothing", async () => {
    const head = `POST /v1/invoices HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${apiKey}\r\nConnection: close\r\n`;
    const json = '{"amountMsat":1000}';
    const smuggled = "GET /v1/balance HTTP/1.1\r\nHost: a\r\n\r\n";
    const both = await raw(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`);
    expect(both).toMatch(/^HTTP\/1.1 400/);
    const longer = await raw(`${head}Content-Length: ${json.length - 5}\r\n\r\n${json}`);
    expect(longer).toMatch(/^HTTP\/1.1 400/);
  });
});

describe("a request", () => {
  it("with a header of 20 KiB is refused", async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431/);
  });

  it("of a slow sender is given up: there is a limit for its head and for all of it", async () => {
    // Node looks at them every half minute, which is too long for a test: that they are set has to do.
    const server = serverFor(() => new Response("ok"));
    expect(server).toMatchObject({ requestTimeout: 15_000, headersTimeout: 10_000 });
  });

  it("that takes too long is answered, and what it began is not undone", async () => {
    served.node.next("createInvoice", "hang");
    const { status, body } = await served.ask("/v1/invoices", { key: apiKey, json: { amountMsat: 1_000 } });
    expect([status, body.code]).toEqual([503, "NODE_UNAVAILABLE"]);
    expect(body.detail).toContain("look before you try again");
  });
});

describe("the limits of requests", () => {
  it("are so many a second, and four times that at once, for each", () => {
    let now = 0;
    const limits = createRateLimits(10, () => now);
    const taken = (who: string, cost?: number) => {
      try {
        limits.take(who, cost);
        return true;
      } catch {
        return false;
      }
    };
    expect(Array.from({ length: 50 }, () => taken("anna")).filter(Boolean)).toHaveLength(40);
    expect(taken("bob")).toBe(true);
    now += 1_000;
    expect(Array.from({ length: 50 }, () => taken("anna")).filter(Boolean)).toHaveLength(10);
    now += 60_000;
    expect(taken("anna", 40)).toBe(true);
    expect(taken("anna")).toBe(false);
  });

  it("say when to come back, and one merchant's are not another's", async () => {
    const slow = await serve({ requestsPerSecond: 20 });
    try {
      const [anna, bob] = [await slow.signUp(), await slow.signUp()];
      const statuses = await Promise.all(
        Array.from({ length: 120 }, () => slow.ask("/v1/balance", { key: anna.apiKey })),
      );
      const refused = statuses.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(20);
      expect(refused[0]?.body.code).toBe("TOO_MANY_REQUESTS");
      expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await slow.ask("/v1/balance", { key: bob.apiKey })).status).toBe(200);
      // Registering counts 25 times, because it asks a stranger's server.
      const signUps = await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          slow.ask("/v1/merchants", { json: { lightningAddress: slow.payees.address(`many-${i}`) } }),
        ),
      );
      expect(signUps.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    } finally {
      await slow.close();
    }
  });

  it("count wrong keys for the client that sends them", async () => {
    const slow = await serve({ requestsPerSecond: 5 });
    try {
      const key = "l402m_".padEnd(49, "x");
      const answers = await Promise.all(Array.from({ length: 30 }, () => slow.ask("/v1/balance", { key })));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    } finally {
      await slow.close();
    }
  });
});

describe("who asks", () => {
  it.each([
    ["127.0.0.1", undefined, "127.0.0.1"],
    ["::ffff:1.2.3.4", undefined, "1.2.3.4"],
    ["2001:db8:1:2:3:4:5:6", undefined, "2001:db8:1:2"],
    ["2001:db8::1", undefined, "2001:db8:0:0"],
    ["::1", undefined, "0:0:0:0"],
    // What the client wrote comes first, what the proxy wrote comes last.
    ["10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"],
    ["10.0.0.1", "", "10.0.0.1"],
    [undefined, undefined, "unknown"],
  ])("%s, forwarded for %s, is %s", (remote, forwarded, expected) => {
    expect(clientAddress(remote, forwarded)).toBe(expected);
  });

  it("is not what a client says of itself, unless there is a proxy", async () => {
    const slow = await serve({ requestsPerSecond: 5 });
    try {
      const ask = (i: number) => slow.ask("/v1/balance", { headers: { "x-forwarded-for": `1.2.3.${i}` } });
      const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(i)));
      expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(5);
    } finally {
      await slow.close();
    }
  });
});
