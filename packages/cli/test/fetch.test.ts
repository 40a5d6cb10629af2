import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { dir, l402, newState, type RunOptions } from "./l402-process.ts";
import { HUGE_BYTES, openLightningShop, PICTURE } from "./lightning-shop.ts";

const shop = await openLightningShop();
const outputs: string[] = [];

async function run(args: string, { env, ...options }: RunOptions = {}) {
  const argv = args.replaceAll("URL", shop.url).split(" ");
  const result = await l402(argv, { ...options, env: { ...shop.env, ...env } });
  outputs.push(result.all);
  return result;
}

afterAll(() => {
  // Whatever was done: no proof of payment was printed.
  expect(shop.preimages.length).toBeGreaterThan(5);
  for (const preimage of shop.preimages) expect(outputs.join()).not.toContain(preimage);
});

describe.concurrent("l402 fetch", () => {
  it("pays, prints the body alone on stdout, and tells the story on stderr", async () => {
    const { code, stdout, stderr } = await run("fetch URL/weather");
    expect(code).toBe(0);
    expect(stdout).toBe('{"weather":"sunny"}');
    expect(stderr.replace(/[\d.]+ m?s\./, "… ms.")).toBe(
      "402 Payment Required: 10 sats for GET /weather\n" +
        "The Lightning wallet is ./packages/cli/test/remote-wallet.mjs, because L402_WALLET names it.\n" +
        "Paying …\n" +
        "Paid 10 sats, plus a routing fee of 1 sat, in … ms.\n",
    );
  });

  it("uses what it bought earlier, and pays again when it is used up", async () => {
    const env = { L402_STATE: newState() };
    const stories = [];
    for (let i = 0; i < 4; i++) stories.push((await run("fetch URL/pass", { env })).stderr);
    expect(stories.map((story) => /Paid/.test(story))).toEqual([true, false, false, true]);
    expect(stories[1]).toBe("This was bought earlier, so nothing was paid now.\n");
    expect(statSync(env.L402_STATE).mode & 0o777).toBe(0o600);
  });

  it("sends what -X, -H and -d say, from a text, a file or stdin, and the same again with the payment", async () => {
    const { stdout } = await run("fetch URL/echo -d a=1 -d b=2 -H X-Own:yes");
    expect(JSON.parse(stdout)).toEqual({ body: "a=1&b=2", type: "application/x-www-form-urlencoded", own: "yes" });
    const path = `${dir}/data.json`;
    writeFileSync(path, '{"a":"ü\\n"}');
    const file = await run(`fetch URL/echo -X POST -H Content-Type:application/json -d @${path}`);
    expect(JSON.parse(file.stdout)).toEqual({ body: '{"a":"ü\\n"}', type: "application/json" });
    const piped = await run("fetch URL/echo -d @-", { stdin: "from stdin" });
    expect(JSON.parse(piped.stdout)).toMatchObject({ body: "from stdin" });
  });

  it("-i prints the head, -s nothing beside the body, -o writes a file", async () => {
    const head = await run("fetch -i URL/weather");
    expect(head.stdout).toMatch(/^HTTP 200 OK\n(.+\n)+\n\{"weather":"sunny"\}$/);
    const silent = await run("fetch -s URL/weather");
    expect(silent.all).toBe('{"weather":"sunny"}');
    const path = `${dir}/picture.png`;
    const file = await run(`fetch -o ${path} URL/picture`);
    expect(file.stdout).toBe("");
    expect(new Uint8Array(readFileSync(path))).toEqual(PICTURE);
  });

  it("-o writes to a named pipe, whose reader gets all of it, and with -i the head too", async () => {
    const pipe = `${dir}/pipe`;
    execFileSync("mkfifo", [pipe]);
    const [read, { code, stdout }] = await Promise.all([
      readFile(pipe, "utf8"),
      run(`fetch -i -o ${pipe} URL/weather`),
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(read).toMatch(/^HTTP 200 OK\n(.+\n)+\n\{"weather":"sunny"\}$/);
  });

  it("-o to a named pipe that nobody reads ends in time, before anything is paid", async () => {
    const pipe = `${dir}/unread`;
    execFileSync("mkfifo", [pipe]);
    const { code, stderr } = await run(`fetch -m 0.2 -o ${pipe} URL/weather`);
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: expect.stringMatching(/not complete in time.*\n.*\nNothing was/),
    });
  });

  it("prints bytes as they are", async () => {
    const { bytes } = await run("fetch -s URL/picture");
    expect(new Uint8Array(bytes)).toEqual(PICTURE);
  });

  it("--json answers one object on stdout and says nothing on stderr", async () => {
    const { stderr, json } = await run("fetch --json URL/weather");
    expect(stderr).toBe("");
    expect(json()).toMatchObject({
      status: 200,
      headers: { "content-type": "application/json" },
      body: '{"weather":"sunny"}',
      payment: { paidNow: true, amountSats: 10, feeSats: 1, paymentHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const picture = await run("fetch --json URL/picture");
    expect(picture.json()).toMatchObject({ bodyBase64: Buffer.from(PICTURE).toString("base64") });
  });

  it("needs no wallet for what is free", async () => {
    const { code, stdout, stderr } = await l402(["fetch", `${shop.url}/free`]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "free of charge", stderr: "" });
  });

  it("an HTTP error is an answer, as with curl", async () => {
    const { code, stdout, stderr } = await run("fetch URL/gone");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "nobody knows that" });
    expect(stderr).toContain("The server answered with HTTP 404 Not Found.");
  });

  it("lets no control characters of a server's reason or headers through", async () => {
    const reason = "gone\x1b[1A\x1b[2K\x1b]0;owned\x07 Paid 0 sats \x9b31m";
    const raw = createServer((socket) =>
      socket.once("data", () =>
        socket.end(`HTTP/1.1 404 ${reason}\r\nx-a: \x9b2K\r\ncontent-length: 0\r\n\r\n`, "latin1"),
      ),
    );
    await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
    const { code, all } = await run(`fetch -i http://127.0.0.1:${(raw.address() as AddressInfo).port}/`);
    raw.close();
    expect(code).toBe(0);
    expect(all).toMatch(/HTTP 404 gone.*Paid 0 sats.*\n(.*\n)*x-a: .2K\n(.*\n)*The server answered with HTTP 404 gone/);
    expect(all).not.toMatch(/[^\P{C}\n]/u);
  });

  it("writes control characters of an answer as JSON's escapes with --json", async () => {
    const body = "\u009b2J\u007f\u202eevil\u2066\u2028\u2029\u{e0041} \u{1f468}\u200d\u{1f469}";
    const evil = createServer((socket) =>
      socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\nx-a: \x9b2K\r\nconnection: close\r\n\r\n`, "latin1")),
    );
    await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
    const { stdout, json } = await run(`fetch --json http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    evil.close();
    expect(json().headers["x-a"]).toBe("\u009b2K");
    const echo = await run("fetch --json -d @- URL/echo", { stdin: body });
    expect(JSON.parse(echo.json().body).body).toBe(body);
    for (const line of [stdout, echo.stdout]) expect(line).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
  });

  it("--max-sats cannot exceed L402_MAX_SATS, which somebody else may have set", async () => {
    const { code, stderr } = await run("fetch --max-sats 100000 URL/weather", { env: { L402_MAX_SATS: "5" } });
    expect(code).toBe(3);
    expect(stderr).toContain("The limit for a request is 5 sats; this costs 10 sats.");
  });
});

describe("l402 fetch --json", () => {
  it("keeps every line of a header that comes several times", async () => {
    const cookies = createHttpServer((_, response) => response.writeHead(200, { "set-cookie": ["a=1", "b=2"] }).end());
    await new Promise<void>((resolve) => cookies.listen(0, "127.0.0.1", resolve));
    const { json } = await l402(["fetch", "--json", `http://127.0.0.1:${(cookies.address() as AddressInfo).port}`]);
    cookies.close();
    expect(json().headers["set-cookie"]).toBe("a=1, b=2");
  });

  it("--json prints no body that no string could hold, and -o writes it", async () => {
    const path = `${dir}/huge`;
    for (const [address, code] of [
      ["URL/huge", 6],
      ["URL/free-huge", 2],
    ] as const) {
      const huge = await run(`fetch --json ${address}`);
      expect(huge.code).toBe(code);
      expect(huge.json().error.message).toContain(
        "longer than 64 MB, which --json cannot print. Write it to a file with -o",
      );
    }
    const written = await run(`fetch --json -o ${path} URL/huge`);
    expect(written.json()).toMatchObject({ status: 200, output: path });
    expect(statSync(path).size).toBe(HUGE_BYTES);
  });
});

describe("l402 fetch --dry-run", () => {
  it("says what it would cost and pays nothing", async () => {
    const before = shop.payments.length;
    const { code, stdout, stderr } = await run("fetch --dry-run URL/weather");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toBe("402 Payment Required: 10 sats for GET /weather\nNothing was paid, because of --dry-run.\n");
    const json = (await run("fetch --dry-run --json URL/weather")).json();
    expect(json).toMatchObject({ dryRun: true, quote: { amountSats: 10, resource: "GET /weather" } });
    expect((await run("fetch --dry-run URL/dear")).code).toBe(3);
    expect(shop.payments).toHaveLength(before);
  });
});
