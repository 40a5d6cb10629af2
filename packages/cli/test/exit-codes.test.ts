import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { L402Error } from "@l402/core";
import { afterAll, describe, expect, it } from "vitest";
import { EXIT, exitCodeOf } from "../src/exit-codes.ts";
import { USAGE } from "../src/usage.ts";
import { dir, l402, newState, type RunOptions } from "./l402-process.ts";
import { openLightningShop } from "./lightning-shop.ts";

const shop = await openLightningShop();
const run = (args: string, { env, ...options }: RunOptions = {}) =>
  l402(args.replaceAll("URL", shop.url).split(" "), { ...options, env: { ...shop.env, ...env } });

const PLACES: Readonly<Record<string, string>> = {
  "/loop": "/loop",
  "/no-address": "http://[",
  "/file": "file:///etc/passwd",
  "/user": "http://a:b@127.0.0.1:1/",
};
const nonsense = createServer(({ url = "" }, response) => {
  const location = PLACES[url];
  if (location) response.writeHead(302, { location }).end();
  else if (url === "/not-gzip") response.writeHead(200, { "content-encoding": "gzip" }).end("plain");
  else response.socket?.end("nonsense");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => nonsense.once("listening", resolve));
afterAll(() => void nonsense.close());
const odd = `http://127.0.0.1:${(nonsense.address() as AddressInfo).port}`;

describe("exit codes", () => {
  it("are all in the help, and each has a case here", () => {
    const told = [...USAGE.matchAll(/^ {2}(\d) {2}/gm)].map(([, code]) => Number(code));
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(Object.values(EXIT).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 130]);
  });

  it("tell what became of the money, whatever the code of the error", () => {
    const error = (fundsMoved: "no" | "yes" | "maybe") => new L402Error("CONFIG_INVALID", "", { fundsMoved });
    expect([error("no"), error("maybe"), error("yes")].map(exitCodeOf)).toEqual([2, 5, 6]);
    expect(exitCodeOf(new L402Error("BUDGET_EXCEEDED"))).toBe(3);
    expect(exitCodeOf(new L402Error("PROVIDER_UNREACHABLE"))).toBe(4);
    expect(exitCodeOf(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } }))).toBe(7);
    expect(exitCodeOf(new TypeError("undefined is not a function"))).toBe(1);
  });
});

describe.concurrent("exit code 2: the command or a setting is wrong", () => {
  it.each([
    ["no address", "fetch", "l402 fetch needs a URL. Example: l402 fetch https://api.example.com."],
    ["two addresses", "fetch URL URL", "l402 fetch takes only one URL."],
    ["an address of another kind", "fetch ftp://example.com", "The URL is not valid. Use an http or https URL"],
    ["a long address", `fetch https://example.com/${"a".repeat(8_000)}`, "must not be longer than 8000 characters"],
    ["an unknown flag", "fetch --frobnicate URL/weather", "Unknown option '--frobnicate'."],
    ["a flag without its value", "fetch URL/weather -X", "-X"],
    ["a limit that is no number", "fetch --max-sats ten URL/weather", "--max-sats needs a whole number"],
    ["data with GET", "fetch -X GET -d a URL/echo", "A GET request cannot send data"],
    ["a method that is none", "fetch -X G,T URL/weather", "-X needs an HTTP method"],
    ["a header that is none", "fetch -H nonsense URL/weather", "-H needs a header"],
    ["data that is not there", "fetch -d @/nowhere URL/echo", "/nowhere cannot be read (ENOENT)"],
    ["a network that is none", "fetch --network mainnet URL/weather", "--network must be one of bitcoin, "],
    ["a command that is none", "fecth URL/weather", 'no command "fecth". Did you mean "fetch"?'],
    ["an address in place of a command", "http://127.0.0.1/", "l402 fetch <url>"],
    ["a price for HEAD", "quote -I URL/weather", "A HEAD request has nothing to buy"],
    ["a price beside one's own credential", "quote -H Authorization:x URL/weather", "of your own nothing is paid"],
    ["a check of HEAD", "inspect -I URL/weather", "A HEAD request has nothing to buy"],
    ["what cannot be decoded", "decode hello", "not a readable invoice, token, challenge or credential"],
    ["forgetting without saying what", "tokens forget", "--all"],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });

  it("a file that cannot be written, before anything is paid", async () => {
    const before = shop.payments.length;
    const { code, stderr } = await run(`fetch -o ${dir}/no/such/folder URL/weather`);
    expect(code).toBe(2);
    expect(stderr).toContain("cannot be written (ENOENT)");
    expect(shop.payments).toHaveLength(before);
  });

  it("no wallet, a wallet that cannot pay, a limit that cannot be read, and a path that only a shell understands", async () => {
    const none = await run("fetch URL/weather", { env: { L402_WALLET: "" } });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("→ Set L402_WALLET=alby and ALBY_URL");
    const opennode = await run("fetch URL/weather", { env: { L402_WALLET: "opennode" } });
    expect(opennode.code).toBe(2);
    expect(opennode.stderr).toContain("opennode cannot be used as a wallet");
    const limit = await run("fetch URL/weather", { env: { L402_MAX_SATS_PER_DAY: "lots" } });
    expect(limit.code).toBe(2);
    expect(limit.stderr).toContain("L402_MAX_SATS_PER_DAY");
    const tilde = await run("fetch URL/weather", { env: { L402_STATE: "~/client.json" } });
    expect(tilde.code).toBe(2);
    expect(tilde.stderr).toContain("L402_STATE begins with ~, which only a shell understands.\n→ Set L402_STATE");
  });

  it.each(["--help", "--version", "decode INVOICE"])("but not where nothing needs the setting: %s", async (args) => {
    const order = { amountMsat: 1000, description: "", expiresInSeconds: 600 };
    const { bolt11 } = await shop.seller.provider.createInvoice(order);
    const env = { L402_STATE: "~/client.json", L402_NETWORK: "moon" };
    expect((await run(args.replace("INVOICE", bolt11), { env })).code).toBe(0);
  });

  it("no home folder, where only what needs its file fails", async () => {
    const env = { HOME: "", L402_STATE: "" };
    const { code, stderr } = await run("fetch URL/weather", { env });
    expect(code).toBe(2);
    expect(stderr).toContain("no home folder to keep purchases in.\n→ Set L402_STATE to the path of a file.");
    expect((await run("fetch URL/weather", { env: { HOME: "" } })).code).toBe(0);
  });

  it("is an object with --json", async () => {
    const { code, stderr, json } = await run("fetch --json");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(json()).toEqual({
      error: {
        code: "USAGE",
        message: "l402 fetch needs a URL. Example: l402 fetch https://api.example.com.",
        hint: "Run l402 --help to see all commands and options.",
        fundsMoved: "no",
        retryable: false,
        exitCode: 2,
      },
    });
  });
});

describe("exit code 3: it costs more than is allowed", () => {
  it("for the request, and for the day", async () => {
    const dear = await run("fetch URL/dear");
    expect(dear.code).toBe(3);
    expect(dear.stderr).toContain(
      "The limit for a request is 1000 sats; this costs 2000 sats.\n→ To allow this payment, raise --max-sats.",
    );
    expect(dear.stderr).toContain("Nothing was paid.");
    expect((await run("fetch -s --max-sats 2100 URL/dear")).stdout).toBe("jewels");
    const env = { L402_STATE: newState(), L402_MAX_SATS_PER_DAY: "15" };
    expect((await run("fetch URL/weather", { env })).code).toBe(0);
    const again = await run("fetch --json URL/weather", { env });
    expect(again.code).toBe(3);
    expect(again.json().error).toMatchObject({ code: "BUDGET_EXCEEDED", retryable: true, fundsMoved: "no" });
    expect(again.json().error.message).toMatch(
      /^L402_MAX_SATS_PER_DAY is 15 sats, 11 of it .* There is room again at /,
    );
  });
});

describe("exit code 4: not bought", () => {
  it("when the payment fails", async () => {
    const { code, stderr } = await run("fetch URL/withdrawn");
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /PAYMENT_FAILED .*\n→ Check that the wallet is online and has enough money.*\nNothing was paid\.\n$/,
    );
  });

  it("when the wallet is of another network", async () => {
    const { code, stderr } = await run("fetch --network bitcoin URL/weather");
    expect(code).toBe(4);
    expect(stderr).toContain("--network regtest");
  });

  it("when it would be paid over plain HTTP, and the hint names no option of the library", async () => {
    const { code, stderr } = await l402(["fetch", `${shop.url.replace("127.0.0.1", "0.0.0.0")}/weather`]);
    expect(code).toBe(4);
    expect(stderr).toContain("over plain HTTP.\n→ This request paid nothing. Use https.\nNothing was paid.\n");
  });

  it("when a 402 asks for something else, or cannot be paid for", async () => {
    const card = await run("fetch URL/unknown-scheme");
    expect({ code: card.code, stdout: card.stdout }).toEqual({ code: 4, stdout: "pay by card" });
    expect(card.stderr).toContain("does not ask for a Lightning payment");
    const own = await run("fetch -H Authorization:Bearer_x URL/weather");
    expect(own.code).toBe(4);
    expect(own.stderr).toContain("because you sent your own Authorization header.");
  });
});

describe("exit code 5: the payment may be on its way", () => {
  it("and the same command finds out, and never pays twice", async () => {
    const env = { L402_STATE: newState() };
    const before = shop.payments.length;
    const hold = shop.seller.hold();
    shop.settings.timeoutSeconds = 1;
    const first = await run("fetch URL/weather", { env });
    expect(first.code).toBe(5);
    expect(first.stderr).toMatch(
      /PAYMENT_OUTCOME_UNKNOWN .*\n→ Run the same command again.*l402 tokens forget.*\nThe payment may have been made\.\n$/,
    );
    const list = await run("tokens list", { env });
    expect(list.stdout).toMatch(/: 10 sats, outcome of payment [0-9a-f]{64} not known yet\n/);
    expect((await run("tokens resume", { env })).code).toBe(5);
    // As if it had been a while ago, so that nobody else can be about to pay it.
    writeFileSync(env.L402_STATE, readFileSync(env.L402_STATE, "utf8").replace(/"until":\d+/, '"until":0'));
    const dry = await run("fetch --dry-run URL/weather", { env });
    expect(dry.code).toBe(5);

    await hold.claim();
    shop.settings.timeoutSeconds = 20;
    const resumed = await run("tokens resume", { env });
    expect(resumed).toMatchObject({ code: 0, stdout: "The outcome of every payment is known.\n" });
    const second = await run("fetch URL/weather", { env });
    expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 0, stdout: '{"weather":"sunny"}' });
    expect(shop.payments).toHaveLength(before + 1);
  });

  it("when Ctrl-C comes while it pays", async () => {
    const env = { L402_STATE: newState() };
    const hold = shop.seller.hold();
    const stopped = await run("fetch URL/weather", {
      env,
      when: [/Paying/, (kill) => hold.arrival().then(() => kill("SIGINT"))],
    });
    expect(stopped.code).toBe(5);
    expect(stopped.stderr).toContain("The payment may have been made.");
    await hold.claim();
    const { code, stderr } = await run("fetch URL/weather", { env });
    expect(code).toBe(0);
    expect(stderr).toContain(
      "An earlier payment of 10 sats, plus a routing fee of 1 sat, was made.\nThis was bought earlier",
    );
  });
});

describe("exit code 6: paid, but refused or not served", () => {
  it("when the server refuses what was paid, which is kept", async () => {
    const env = { L402_STATE: newState() };
    const before = shop.payments.length;
    const { code, stderr } = await run("fetch URL/refuses", { env });
    expect(code).toBe(6);
    expect(stderr).toMatch(/PAYMENT_REJECTED .*\n→ .*\nThe payment was made\.\n$/);
    expect(shop.payments).toHaveLength(before + 1);
  });

  it("when what was paid leads to another server, which asks for a payment too", async () => {
    const { code, stderr } = await run("fetch URL/leads-away");
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /402 Payment Required\. The seller was paid, and redirects to localhost:\d+, .* pay again\.\n$/,
    );
    expect(stderr).not.toContain("Nothing");
  });

  it("when the answer breaks off, or cannot be kept", async () => {
    const { code, stderr } = await run("fetch URL/breaks-off");
    expect(code).toBe(6);
    expect(stderr).toMatch(/PAYMENT_REJECTED .*\n→ .*\nThe payment was made\.\n$/);
    const full = await run("fetch -o /dev/full URL/weather");
    expect(full.code).toBe(6);
    expect(full.stderr).toContain("The file /dev/full cannot be written (ENOSPC). Payment ");
    const free = await run("fetch -o /dev/full URL/free");
    expect({ code: free.code, stderr: free.stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("ENOSPC"),
    });
  });

  it("when stdout is a file on a full disk, and says so", async () => {
    const paid = await run("fetch URL/weather", { stdoutTo: "/dev/full" });
    expect(paid.code).toBe(6);
    expect(paid.stderr).toMatch(
      /The output cannot be written \(ENOSPC\)\. Payment .* was already made\.\n.*\nThe payment/,
    );
    const free = await run("fetch URL/free", { stdoutTo: "/dev/full" });
    expect({ code: free.code, stderr: free.stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("The output cannot be written (ENOSPC)."),
    });
    expect((await run("fetch --json URL/weather", { stdoutTo: "/dev/full" })).code).toBe(6);
  });

  it("when the server fails, and the same command asks again without paying", async () => {
    const env = { L402_STATE: newState() };
    const before = shop.payments.length;
    for (let i = 0; i < 2; i++) {
      const { code, stdout, stderr } = await run("fetch URL/broken", { env });
      expect({ code, stdout }).toEqual({ code: 6, stdout: "out of paper" });
      expect(stderr).toContain("The server answered with HTTP 500 Internal Server Error.\nYour purchase is kept.");
    }
    expect(shop.payments).toHaveLength(before + 1);
  });
});

describe("stdout", () => {
  it.each([
    [0, "fetch URL/weather"],
    [0, "fetch URL/endless"],
    [0, "--help"],
    [3, "fetch --json URL/dear"],
    [4, "fetch URL/unknown-scheme"],
    [6, "fetch URL/broken"],
  ])("whose reader leaves, as head does, leaves exit code %i as it is: %s", async (code, args) => {
    expect(await run(args, { closesStdout: true })).toMatchObject({ code });
  });
});

describe("stderr", () => {
  it("whose reader leaves does not end a payment, and the answer is printed", async () => {
    const env = { L402_STATE: newState() };
    const hold = shop.seller.hold();
    const fetched = run("fetch URL/weather", { env, closesStderr: /Paying/ });
    await hold.arrival();
    await hold.claim();
    expect(await fetched).toMatchObject({ code: 0, stdout: '{"weather":"sunny"}' });
  });
});

describe("exit code 7: the network", () => {
  it.each(["/loop", "/no-address", "/file", "/user", "/not-http", "/not-gzip"])(
    "when a server answers nonsense, which is no bug of the command: %s",
    async (path) => {
      const { code, stderr } = await l402(["fetch", odd + path]);
      expect({ code, stderr }).toEqual({
        code: 7,
        stderr: expect.stringMatching(/^NETWORK .*\n.*\nNothing was paid\.\n$/),
      });
    },
  );

  it("when nobody is there, or hangs up", async () => {
    const server = createServer((_, response) => void response.destroy()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rude = await l402(["fetch", url]);
    await new Promise((resolve) => server.close(resolve));
    const gone = await l402(["fetch", url]);
    expect([rude.code, gone.code]).toEqual([7, 7]);
    expect(rude.stderr).toContain("the server closed the connection");
    expect(gone.stderr).toBe(
      "NETWORK The server cannot be reached: no program accepts connections at this address (ECONNREFUSED).\n→ Check the URL and your internet connection. Then run the command again.\nNothing was paid.\n",
    );
  });
});

describe("exit code 130: stopped", () => {
  it("when Ctrl-C comes before anything is paid", async () => {
    const sockets = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => sockets.once("listening", resolve));
    const url = `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
    let stop = () => {};
    sockets.once("request", () => stop());
    const stopped = l402(["fetch", url], { onStart: (kill) => (stop = () => kill("SIGINT")) });
    expect(await stopped).toMatchObject({ code: 130, stderr: "STOPPED You stopped the command.\nNothing was paid.\n" });
    sockets.closeAllConnections();
    sockets.close();
  });
});
