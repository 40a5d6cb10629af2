import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, relative } from "node:path";
import { fakeLightning } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { withPackages } from "../src/doctor/check-store.ts";
import type { Finding } from "../src/doctor/finding.ts";
import { dir, l402, newState, root } from "./l402-process.ts";

const answers = createServer((request, response) => {
  const ahead = request.url === "/late" ? 0 : request.url === "/cached" ? -120_000 : 120_000;
  const age = request.url === "/cached" && { age: "120" };
  response.writeHead(200, { date: new Date(Date.now() + ahead).toUTCString(), ...age }).end();
}).listen(0, "127.0.0.1");
const url = () => `http://127.0.0.1:${(answers.address() as AddressInfo).port}`;
afterAll(() => void answers.close());

/** Two Lightning nodes: one whose clock is right, and one whose clock is not. */
const nodes = [fakeLightning(), fakeLightning({ clock: () => new Date(Date.now() - 301_000) })] as const;
const door = createServer(async (request, response) => {
  if (request.url === "/hangs") return;
  const { provider } = nodes[request.url === "/skewed" ? 1 : 0];
  const { order, paymentHash } = JSON.parse(Buffer.concat(await request.toArray()).toString());
  response.end(JSON.stringify(await (order ? provider.createInvoice(order) : provider.lookupInvoice({ paymentHash }))));
}).listen(0, "127.0.0.1");
afterAll(() => {
  door.closeAllConnections();
  door.close();
});
const TEST_PROVIDER_URL = () => `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
const backend = "./packages/cli/test/remote-provider.mjs";
/** A node whose certificate nobody knows. */
const [key, cert] = [`${dir}/key.pem`, `${dir}/cert.pem`];
const newCertificate = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -keyout ${key} -out ${cert}`;
execFileSync("openssl", newCertificate.split(" "), { stdio: "ignore" });
const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }).listen(0, "127.0.0.1");
afterAll(() => void tls.close());
const tlsUrl = () => `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;

const SECRET = "a secret for tests, at least 32 bytes long";

const FINE = {
  L402_WALLET: "./packages/cli/test/answering-wallet.mjs",
  L402_NETWORK: "regtest",
  L402_MAX_SATS_PER_DAY: "5000",
};

describe.concurrent("l402 doctor", () => {
  it("finds nothing wrong with a buyer who is set up", async () => {
    const { code, stdout, stderr } = await l402(["doctor"], { env: FINE });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replace(/Node [\d.]+/, "Node …").replace(/in \/\S+/, "in ….")).toBe(
      "✓ Node … is new enough.\n" +
        "✓ The network is regtest, so payments are test money.\n" +
        "✓ The spending limit is 1000 sats per request, 5000 sats per day.\n" +
        "✓ Purchases will be kept in ….\n" +
        "✓ The Lightning wallet is ./packages/cli/test/answering-wallet.mjs, because L402_WALLET names it.\n" +
        "✓ test can look up payments.\n" +
        "✓ Whether the key of test may pay is not visible without a payment. Make a small one to find out.\n",
    );
    const json = (await l402(["doctor", "--json"], { env: FINE })).json();
    expect(json).toMatchObject({
      healthy: true,
      findings: expect.arrayContaining([{ level: "ok", text: expect.stringContaining("network") }]),
    });
  });

  it("finds nothing wrong with a seller who is set up", async () => {
    const env = { L402_PROVIDER: backend, L402_SECRET: SECRET, L402_STORE: "memory", L402_NETWORK: "regtest" };
    const { code, stdout } = await l402(["doctor"], { env: { ...env, TEST_PROVIDER_URL: TEST_PROVIDER_URL() } });
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(1)).toEqual([
      "✓ The network is regtest, so payments are test money.",
      "✓ L402_SECRET is long enough.",
      `✓ The Lightning backend is ${backend}, because L402_PROVIDER names it.`,
      "✓ test creates invoices.",
      "✓ The invoices of test are for the network regtest.",
      "✓ The clock of this computer agrees with the clock of test.",
      "✓ test can look up invoices.",
      "✓ The store for token uses is memory, because L402_STORE names it. It works for a single server process. After a restart, used tokens work again until they expire.",
      "✓ The store counts token uses correctly.",
      "",
    ]);
  });

  it("finds a seller's clock that is wrong, and a network that is another", async () => {
    const env = { L402_PROVIDER: backend, L402_SECRET: SECRET, TEST_PROVIDER_URL: `${TEST_PROVIDER_URL()}/skewed` };
    const { code, stdout } = await l402(["doctor"], { env });
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /✗ The clock of this computer is 3\d\d s ahead of the clock of test\. → Synchronize both clocks with NTP/,
    );
    expect(stdout).toMatch(
      /✗ The invoices of test are for the network regtest, but the network set here is bitcoin\. → Set L402_NETWORK=regtest/,
    );
  });

  const open = newState();
  mkdirSync(dirname(open), { recursive: true });
  writeFileSync(
    open,
    '{"version":1,"credentials":{},"pending":{},"spent":{"totalMsat":0,"originsMsat":{},"minutesMsat":{}}}',
  );
  chmodSync(open, 0o644);

  const broken = newState();
  mkdirSync(dirname(broken), { recursive: true });
  writeFileSync(broken, "{", { mode: 0o600 });

  /** What is broken, what the doctor says, how to mend it, and the exit code. */
  const FAULTS: [string, Record<string, string>, RegExp, RegExp, number][] = [
    [
      "nothing is set",
      { L402_WALLET: "" },
      /No Lightning wallet is configured/,
      /Set L402_WALLET=alby and ALBY_URL/,
      2,
    ],
    ["a network that there is not", { L402_NETWORK: "mainnet" }, /Network: /, /Set L402_NETWORK to bitcoin, /, 2],
    [
      "a misspelt backend",
      { L402_WALLET: "lndd" },
      /not the name of a supported wallet/,
      /Did you mean L402_WALLET=lnd\?/,
      2,
    ],
    [
      "a missing variable",
      { L402_WALLET: "lnd", LND_URL: "https://127.0.0.1:1" },
      /needs LND_MACAROON/,
      /Set LND_MACAROON/,
      2,
    ],
    [
      "a macaroon that is a path",
      { L402_WALLET: "lnd", LND_URL: "https://127.0.0.1:1", LND_MACAROON: "/home/me/.lnd/admin.macaroon" },
      /LND_MACAROON must be a macaroon in hex, as `lncli bakemacaroon offchain:read offchain:write` prints it/,
      /Correct LND_MACAROON/,
      2,
    ],
    [
      "a wallet that shows no preimage",
      { L402_WALLET: "opennode" },
      /cannot be used as a wallet/,
      /Set L402_WALLET to lnd,/,
      2,
    ],
    [
      "a wallet that is not there",
      { L402_WALLET: "phoenixd", PHOENIXD_URL: "http://127.0.0.1:1", PHOENIXD_PASSWORD: "x".repeat(20) },
      /Wallet: .*127\.0\.0\.1:1/,
      /./,
      7,
    ],
    [
      "a memory that is another one in each folder",
      { L402_STATE: "client.json" },
      /L402_STATE is a relative path/,
      /Set the absolute path: L402_STATE=\//,
      0,
    ],
    [
      "a store that forgets",
      { L402_PROVIDER: backend, L402_SECRET: SECRET, L402_STORE: "memory", NODE_ENV: "production" },
      /used tokens work again until they expire/,
      /^Set REDIS_URL, .* even for a single server/,
      0,
    ],
    [
      "plain http on the internet",
      { L402_WALLET: "lnd", LND_URL: "http://node.example", LND_MACAROON: "0201".repeat(20) },
      /LND_URL must begin with https/,
      /Correct LND_URL/,
      2,
    ],
    ["a limit that is none", { L402_MAX_SATS: "1k" }, /L402_MAX_SATS is not a whole number/, /L402_MAX_SATS=1000/, 2],
    [
      "no limit for a day",
      { L402_MAX_SATS_PER_DAY: "" },
      /no limit for all requests together/,
      /L402_MAX_SATS_PER_DAY=/,
      0,
    ],
    ["a state that others can read", { L402_STATE: open }, /Other users of this computer can read/, /chmod 600/, 2],
    [
      "a state in a place where nothing can be written",
      { L402_STATE: "/dev/null/client.json" },
      /Purchases cannot be kept, so nothing can be paid\. .*ENOTDIR/,
      /Check the path and its permissions/,
      2,
    ],
    ["a state that is none", { L402_STATE: broken }, /Purchases cannot be kept.* no valid state/, /Do not empty it/, 2],
    [
      "a state with ~",
      { L402_STATE: "~/client.json" },
      /Purchases cannot be kept.* begins with ~/,
      /Set L402_STATE to the whole path/,
      2,
    ],
    [
      "no home folder",
      { HOME: "", L402_STATE: "" },
      /Purchases cannot be kept.* no home folder/,
      /Set L402_STATE to the path/,
      2,
    ],
    [
      "a host that is gone",
      { LNBITS_URL: "https://legend.lnbits.com" },
      /LNBITS_URL points to legend\.lnbits\.com/,
      /Run LNbits yourself/,
      2,
    ],
    [
      "an address of such a host",
      { LNURL_ADDRESS: "me@legend.lnbits.com" },
      /LNURL_ADDRESS points to/,
      /Run LNbits yourself/,
      2,
    ],
    [
      "a certificate that is not looked at",
      { LND_SKIP_TLS_VERIFY: "true" },
      /LND_SKIP_TLS_VERIFY=true turns off the certificate check/,
      /LND_TLS_CERT, and unset LND_SKIP_TLS_VERIFY/,
      0,
    ],
    [
      "certificates that are not looked at",
      { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
      /turns off all certificate checks/,
      /Unset this variable/,
      0,
    ],
    [
      "a short secret",
      { L402_PROVIDER: backend, L402_SECRET: "short" },
      /shorter than 32 bytes/,
      /openssl rand -hex 32/,
      2,
    ],
    [
      "no store to sell with",
      { L402_PROVIDER: backend, L402_STORE: "redis" },
      /redis needs REDIS_URL, which is not set/,
      /Set REDIS_URL to/,
      2,
    ],
    ["a store that is not there", { L402_PROVIDER: backend, REDIS_URL: "redis://127.0.0.1:1" }, /Store: /, /./, 7],
  ];
  it.each(FAULTS)("%s", async (_, env, found, fix, exitCode) => {
    const { code, stdout } = await l402(["doctor"], {
      env: { ...FINE, TEST_PROVIDER_URL: TEST_PROVIDER_URL(), ...env },
    });
    const line = stdout.split("\n").find((each) => found.test(each)) ?? stdout;
    expect(line).toMatch(/^[✗!] .* → .+$/);
    expect(line.split(" → ")[1]).toMatch(fix);
    expect(code).toBe(exitCode);
    // The way out is never to look away.
    expect(stdout.replace(/unset LND_SKIP\S+/g, "")).not.toMatch(/→.*(SKIP_TLS|REJECT_UNAUTHORIZED|insecure|disable)/i);
  });

  it("gives programs a code and a fix for all it finds", async () => {
    const faults = {
      L402_WALLET: "lndd",
      L402_PROVIDER: backend,
      L402_STORE: "memory",
      L402_STATE: relative(root, open),
      LNBITS_URL: "https://legend.lnbits.com",
      LND_SKIP_TLS_VERIFY: "true",
      NODE_ENV: "production",
      TEST_PROVIDER_URL: `${TEST_PROVIDER_URL()}/skewed`,
    };
    const { code, json } = await l402(["doctor", "--json", "http://127.0.0.1:9"], { env: faults });
    const wrong: Finding[] = json().findings.filter(({ level }: Finding) => level !== "ok");
    expect(wrong.map((finding) => finding.code)).toEqual([
      "HOST_RETIRED",
      "TLS_NOT_CHECKED",
      "SECRET_MISSING",
      "NO_LIMIT_IN_ALL",
      "STATE_RELATIVE",
      "STATE_NOT_PRIVATE",
      "CONFIG_INVALID",
      "NETWORK_MISMATCH",
      "CLOCK_OFF",
      "STORE_FORGETS",
      "SERVER_UNREACHABLE",
    ]);
    for (const { fix } of wrong) expect(fix).toMatch(/\w/);
    expect(code).toBe(2);
  });

  /** A macaroon as LND bakes it: permissions are in its identifier, as Protocol Buffers. */
  const macaroon = (...permissions: string[]) => {
    const field = (tag: number, ...parts: (string | Buffer)[]) => {
      const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
      return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
    };
    const operations = permissions.map((each) => {
      const [entity = "", actions = ""] = each.split(/:(.*)/);
      return field(0x1a, field(0x0a, entity), ...actions.split("+").map((action) => field(0x12, action)));
    });
    const id = Buffer.concat([Buffer.from([3]), field(0x0a, Buffer.alloc(16, 0x0a)), field(0x12, "0"), ...operations]);
    const size = id.length < 128 ? [id.length] : [(id.length & 127) | 128, id.length >> 7];
    const end = [Buffer.from([0, 0, 6, 32]), Buffer.alloc(32, 0xaa)];
    return Buffer.concat([Buffer.from([2, 1, 3]), Buffer.from("lnd"), Buffer.from([2, ...size]), id, ...end]).toString(
      "hex",
    );
  };

  it.each([
    ["readonly.macaroon", macaroon("address:read", "info:read", "invoices:read", "macaroon:read", "offchain:read"), 2],
    ["invoice.macaroon", macaroon("address:read+write", "invoices:read+write", "onchain:read"), 2],
    ["admin.macaroon", macaroon("info:read+write", "macaroon:generate+read+write", "offchain:read+write"), 0],
    ["one that may only pay", macaroon("offchain:read+write"), 0],
    ["one for a method", macaroon("uri:/routerrpc.Router/SendPaymentV2", "offchain:read"), 0],
    ["one whose permissions cannot be read", "0201".repeat(20), undefined],
  ])("knows whether LND lets a wallet pay: %s", async (_, LND_MACAROON, expected) => {
    const answer = JSON.stringify({ error: { code: 5, message: "payment isn't initiated" } });
    const lnd = createServer((_, response) => void response.writeHead(404).end(answer)).listen(0, "127.0.0.1");
    await once(lnd, "listening");
    const LND_URL = `http://127.0.0.1:${(lnd.address() as AddressInfo).port}`;
    const { code, stdout } = await l402(["doctor"], { env: { ...FINE, L402_WALLET: "lnd", LND_URL, LND_MACAROON } });
    lnd.close();
    expect(code).toBe(expected ?? 0);
    expect(stdout).toContain("✓ lnd can look up payments.\n");
    expect(stdout).toContain(
      expected === 0
        ? "✓ The macaroon of lnd allows payments.\n"
        : expected === 2
          ? "✗ The macaroon of lnd does not allow payments. → Set LND_MACAROON to what `lncli bakemacaroon offchain:read offchain:write` prints.\n"
          : "✓ Whether the key of lnd may pay is not visible without a payment.",
    );
    expect(stdout).not.toContain(LND_MACAROON);
  });

  it("asks for another store where the money is real, whatever NODE_ENV says", async () => {
    const env = { L402_PROVIDER: backend, L402_SECRET: SECRET, L402_STORE: "memory" };
    const { stdout } = await l402(["doctor"], { env: { ...env, TEST_PROVIDER_URL: TEST_PROVIDER_URL() } });
    expect(stdout).toContain("! The store for token uses is memory");
  });

  it("says how to run it with the packages of a store, which it does not bring along", () => {
    expect(withPackages("Run: npm install @l402/redis ioredis")).toBe(
      "Run: npx -p @l402/cli -p @l402/redis -p ioredis l402 doctor",
    );
    expect(withPackages("Set REDIS_URL.")).toBe("Set REDIS_URL.");
  });

  it("names variables where a certificate is not trusted", async () => {
    const { stdout } = await l402(["doctor"], {
      env: { ...FINE, L402_WALLET: "lnd", LND_URL: tlsUrl(), LND_MACAROON: "0201".repeat(20) },
    });
    expect(stdout).toMatch(/✗ Wallet: LND at .*SELF_SIGNED.* → .*LND_TLS_CERT/);
    expect(stdout).not.toMatch(/tlsCert|\burl\b/);
  });

  it("says that a backend does not answer, and waits no longer than it has to", async () => {
    const wallet = `${dir}/hanging-wallet.mjs`;
    writeFileSync(
      wallet,
      "export const wallet = { name: 'mine', payInvoice() {}, lookupPayment: () => new Promise(() => {}) };",
    );
    const seller = {
      L402_PROVIDER: "phoenixd",
      PHOENIXD_URL: `${TEST_PROVIDER_URL()}/hangs`,
      PHOENIXD_PASSWORD: "x".repeat(20),
    };
    const { code, stdout } = await l402(["doctor", "--max-time", "2"], {
      env: { ...FINE, ...seller, L402_WALLET: wallet, L402_SECRET: SECRET, L402_STORE: "memory" },
    });
    expect(code).toBe(7);
    expect(stdout).toMatch(/✗ Wallet: mine did not answer within [\d.]+ s\. → Check that the backend is running\.\n/);
    expect(stdout).toMatch(
      /✗ Backend: phoenixd did not answer within [\d.]+ s\. → Check that the backend is running, and check PHOENIXD_URL\.\n/,
    );
    expect(stdout).not.toContain("caller");
  });

  it("says how far a server's clock is off, and that nobody is there", async () => {
    const late = await l402(["doctor", url()], { env: FINE });
    expect(late.stdout).toMatch(
      /✗ The clock of this computer is (1[012]|9)\d s behind the clock of 127\.0\.0\.1:\d+\. → Synchronize both clocks with NTP/,
    );
    expect(late.code).toBe(2);
    // What a cache kept was dated when it was new.
    const cached = await l402(["doctor", `${url()}/cached`], { env: FINE });
    expect(cached.stdout).toContain("✓ The clock of this computer agrees");
    const fine = await l402(["doctor", `${url()}/late`], { env: FINE });
    expect(fine.stdout).toContain("✓ The clock of this computer agrees");
    const plain = await l402(["doctor", `${url().replace("127.0.0.1", "0.0.0.0")}/late`], { env: FINE });
    expect(plain.stdout).toMatch(/✗ Buyers do not pay http:\/\/0\.0\.0\.0:\d+, because .* → Serve it over https\./);
    expect(plain.code).toBe(2);
    const gone = await l402(["doctor", "http://127.0.0.1:9"], { env: FINE });
    expect(gone.code).toBe(7);
  });
});
