import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, it } from "vitest";
import { dir, main, newState, root } from "./l402-process.ts";
import { openAgent } from "./mcp-agent.ts";
import { openMcpShop } from "./mcp-shop.ts";

const shop = await openMcpShop({ "/hangs": () => {} });
const { url, lightning } = shop;
const children: ChildProcess[] = [];
afterAll(() => children.forEach((child) => void child.kill("SIGKILL")));

/** The command, line by line, after the handshake. */
async function start(env: Record<string, string>) {
  const { PATH = "" } = process.env;
  const own = { PATH, HOME: dir, L402_MAX_SATS_PER_DAY: "500", ...shop.env, ...env };
  const child = spawn(process.execPath, [main, "mcp"], { cwd: root, env: own });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on("error", () => {});
  const send = (message: object) => void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  send({ id: "hello", method: "initialize", params: { protocolVersion: "2025-11-25" } });
  const next = async () => JSON.parse((await lines.next()).value ?? "null");
  expect((await next()).id).toBe("hello");
  return {
    child,
    send,
    next,
    fetch: (id: number, to: string) =>
      send({ id, method: "tools/call", params: { name: "fetch", arguments: { url: to } } }),
    exit: once(child, "close"),
  };
}

const stateIn = (path: string) => {
  const { credentials, pending } = JSON.parse(readFileSync(path, "utf8"));
  return { bought: Object.keys(credentials).length, open: Object.keys(pending).length };
};

describe("what is being paid", () => {
  it.each(["closes stdin, and then insists", "dies"])("is finished and kept when whoever called %s", async (how) => {
    const L402_STATE = newState();
    const { child, fetch, next, exit } = await start({ L402_STATE });
    const before = lightning.payments.length;
    const { release, arrival } = shop.hold();
    fetch(1, `${url}/paid/weather`);
    await arrival;
    expect(stateIn(L402_STATE)).toEqual({ bought: 0, open: 1 });
    child.stdin.end();
    if (how === "dies") child.stdout.destroy();
    else {
      const { id, result } = await next();
      expect(id).toBe(1);
      expect(result.structuredContent.error).toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" });
      child.kill("SIGTERM");
    }
    release();
    expect((await exit)[0]).toBe(0);
    expect(stateIn(L402_STATE)).toEqual({ bought: 1, open: 0 });

    const { call } = await openAgent({ env: { ...shop.env, L402_STATE } });
    expect((await call("fetch", { url: `${url}/paid/weather` })).data).toMatchObject({
      body: "Sunny",
      payment: { paidNow: false },
    });
    expect(lightning.payments).toHaveLength(before + 1);
  });

  it("is finished and kept when whoever called dies in the middle of two payments, and nobody reads stderr", async () => {
    const L402_STATE = newState();
    const { child, fetch, exit } = await start({ L402_STATE });
    const first = shop.hold();
    fetch(1, `${url}/paid/weather`);
    await first.arrival;
    const last = shop.hold();
    fetch(2, `${url}/once/weather`);
    await last.arrival;
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    first.release();
    await expect.poll(() => stateIn(L402_STATE)).toEqual({ bought: 1, open: 1 });
    last.release();
    expect((await exit)[0]).toBe(0);
    expect(stateIn(L402_STATE)).toEqual({ bought: 2, open: 0 });
  });

  it("is waited for, but not for ever, where the wallet never answers", async () => {
    const silent = `${dir}/silent-wallet.mjs`;
    // From the payment on, what takes minutes takes a moment.
    const hurry = "const wait = setTimeout; globalThis.setTimeout = (act) => wait(act, 20);";
    const never = "new Promise(() => {})";
    const code = `{ name: "w", payInvoice() { ${hurry} return ${never}; }, lookupPayment: () => ${never} }`;
    writeFileSync(silent, `export const wallet = ${code};`);
    const { child, fetch, next, exit } = await start({ L402_WALLET: silent, L402_STATE: newState() });
    fetch(1, `${url}/paid/weather`);
    expect((await next()).result.structuredContent.error).toMatchObject({ fundsMoved: "maybe" });
    child.stdin.end();
    expect((await exit)[0]).toBe(0);
  });

  it("goes on when the call is cancelled, and is not paid again", async () => {
    const { call } = await openAgent({ env: shop.env });
    const before = lightning.payments.length;
    const { release, arrival } = shop.hold();
    const cancel = new AbortController();
    const given = { url: `${url}/paid/weather` };
    const cancelled = call("fetch", given, { signal: cancel.signal });
    await arrival;
    cancel.abort();
    await expect(cancelled).rejects.toThrow();
    const again = call("fetch", given);
    release();
    expect((await again).data).toMatchObject({ status: 200, payment: { amountSats: 10 } });
    expect(lightning.payments).toHaveLength(before + 1);
  });
});

describe("one wallet and one memory", () => {
  it("pay once for what can be used several times, whatever the limits of those who ask for it at once", async () => {
    const { call } = await openAgent({ env: shop.env });
    const before = lightning.payments.length;
    const asked = [50, 51, 52].map((maxSats) => call("fetch", { url: `${url}/paid/weather`, maxSats }));
    const payments = (await Promise.all(asked)).map(({ data }) => data.payment?.paidNow);
    expect(payments.sort()).toEqual([false, false, true]);
    expect(lightning.payments).toHaveLength(before + 1);
  });

  it("leave to one seller its own limit while another is being paid", async () => {
    const other = url.replace("127.0.0.1", "localhost");
    const L402_ALLOWED_HOSTS = [url, other].map((each) => new URL(each).host).join();
    const { call } = await openAgent({ env: { ...shop.env, L402_ALLOWED_HOSTS, L402_MAX_SATS_PER_ORIGIN: "25" } });
    await call("fetch", { url: `${other}/once/weather` });
    const { release, arrival } = shop.hold();
    const paying = call("fetch", { url: `${url}/once/weather` });
    await arrival;
    const quotes = [other, url].map((each) => call("quote", { url: `${each}/once/weather` }));
    expect((await Promise.all(quotes)).map(({ data }) => [data.withinLimits, data.left.originSats])).toEqual([
      [true, 15],
      [false, 5],
    ]);
    expect((await call("spending")).data.origins).toMatchObject([{ origin: other, leftSats: 15 }]);
    release();
    expect((await paying).data.left.originSats).toBe(15);
  });

  it("pay no more where the wallet hands out no preimage, with any limit", async () => {
    const { call } = await openAgent({ env: { ...shop.env, TEST_FAULT: "mute" } });
    const before = lightning.payments.length;
    const codes = [];
    for (const maxSats of [50, 51, 52, undefined]) {
      const { error } = await call("fetch", { url: `${url}/paid/${maxSats}`, ...(maxSats && { maxSats }) });
      codes.push([error.code, error.fundsMoved]);
    }
    const [first, ...rest] = codes;
    expect(first).toEqual(["WALLET_NO_PREIMAGE", "yes"]);
    expect(rest).toEqual(rest.map(() => ["WALLET_NO_PREIMAGE", "no"]));
    expect(lightning.payments).toHaveLength(before + 1);
  });
});

describe("a call under way", () => {
  it("is not answered when it is cancelled", async () => {
    const { child, send, fetch, next, exit } = await start({ L402_STATE: newState() });
    fetch(1, `${url}/hangs`);
    fetch(1, `${url}/free`);
    expect((await next()).error.message).toContain("Another request with this id");
    for (const requestId of [1, 2, "1", null]) send({ method: "notifications/cancelled", params: { requestId } });
    send({ id: 2, method: "ping" });
    expect(await next()).toEqual({ jsonrpc: "2.0", id: 2, result: {} });
    child.stdin.end();
    expect(await next()).toBeNull();
    expect((await exit)[0]).toBe(0);
  });

  it("ends when whoever called leaves", async () => {
    const { child, fetch, next, exit } = await start({ L402_STATE: newState() });
    const before = shop.requests.length;
    fetch(1, `${url}/hangs`);
    await expect.poll(() => shop.requests.length).toBe(before + 1);
    child.kill("SIGTERM");
    const { structuredContent } = (await next()).result;
    expect(structuredContent.error).toMatchObject({ code: "STOPPED", fundsMoved: "no" });
    expect((await exit)[0]).toBe(0);
  });

  it("is one of 64 at most", async () => {
    const { child, send, fetch, next } = await start({ L402_STATE: newState() });
    for (let id = 0; id < 64; id++) fetch(id, `${url}/hangs`);
    send({ id: "one more", method: "ping" });
    expect(await next()).toMatchObject({ id: "one more", error: { code: -32603 } });
    child.kill("SIGKILL");
  });
});
