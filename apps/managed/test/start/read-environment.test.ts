import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { claimNetwork } from "../../src/database/claim-network.ts";
import { listen } from "../../src/http/listen.ts";
import { explainFailure } from "../../src/start/explain-failure.ts";
import { readEnvironment } from "../../src/start/read-environment.ts";
import { createTestDatabase, describeWithPostgres, openTestDatabase } from "../postgres/open-test-database.ts";
import { runManaged, startManaged } from "./running.ts";

const ownBackend = fileURLToPath(new URL("own-backend.mjs", import.meta.url));
const KEY = "7f3a9c51e2d84b60a1c7e9f2b5d83640";
const folder = mkdtempSync(join(tmpdir(), "l402-managed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const real = { L402_PROVIDER: "phoenixd", PHOENIXD_PASSWORD: "not-a-real-one", MANAGED_FOLDER: folder };
const production = { ...real, NODE_ENV: "production", MANAGED_ADMIN_KEY: KEY };

describe("the settings of the service", () => {
  it("without any, it is play money on this computer", () => {
    expect(readEnvironment({})).toMatchObject({
      ...{ isRegtest: true, network: "regtest", host: "127.0.0.1", port: 4020, adminHost: "127.0.0.1" },
      ...{ adminKey: undefined, database: { url: undefined, folder: undefined } },
    });
  });

  it("with a backend, it is real money unless it says otherwise", () => {
    expect(readEnvironment(production)).toMatchObject({ isRegtest: false, network: "bitcoin", adminKey: KEY });
    expect(readEnvironment({ ...production, L402_NETWORK: "signet" }).network).toBe("signet");
    const limits = { MANAGED_PAYOUT_THRESHOLD_SATS: "500", MANAGED_PAYOUT_INTERVAL_SECONDS: "60" };
    expect(readEnvironment({ ...production, ...limits }).limits).toEqual({
      ...{ payoutThresholdMsat: 500_000, payoutIntervalSeconds: 60 },
    });
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ["play money in production", { NODE_ENV: "production", MANAGED_ADMIN_KEY: KEY }, "L402_PROVIDER"],
    ["no key in production", { ...production, MANAGED_ADMIN_KEY: undefined }, "MANAGED_ADMIN_KEY"],
    ["an empty key in production", { ...production, MANAGED_ADMIN_KEY: " " }, "MANAGED_ADMIN_KEY"],
    ["a short key", { ...real, MANAGED_ADMIN_KEY: "hunter2" }, "MANAGED_ADMIN_KEY"],
    ["a key of one letter", { ...production, MANAGED_ADMIN_KEY: "a".repeat(64) }, "MANAGED_ADMIN_KEY"],
    [
      "a key to be changed",
      { ...production, MANAGED_ADMIN_KEY: "change-me-change-me-1234567890-abcdef" },
      "MANAGED_ADMIN_KEY",
    ],
    [
      "a key from an example",
      { ...production, MANAGED_ADMIN_KEY: "example-key-0123456789abcdefghijklmn" },
      "MANAGED_ADMIN_KEY",
    ],
    [
      "the database's default password",
      { ...production, DATABASE_URL: "postgres://postgres:postgres@db/x" },
      "DATABASE_URL",
    ],
    ["real money in memory", { ...production, MANAGED_FOLDER: undefined }, "DATABASE_URL or MANAGED_FOLDER"],
    ["play money for everybody", { MANAGED_HOST: "0.0.0.0" }, "MANAGED_HOST"],
    ["play money as real money", { L402_NETWORK: "bitcoin" }, "L402_PROVIDER"],
    ["an admin page for everybody without a key", { ...real, MANAGED_ADMIN_HOST: "0.0.0.0" }, "MANAGED_ADMIN_KEY"],
    ["a network that there is not", { L402_NETWORK: "mainnet" }, "L402_NETWORK"],
    ["a port that is none", { MANAGED_PORT: "4020a" }, "MANAGED_PORT"],
    ["a threshold of nothing", { MANAGED_PAYOUT_THRESHOLD_SATS: "0" }, "MANAGED_PAYOUT_THRESHOLD_SATS"],
    ["a flag that is none", { MANAGED_TRUST_PROXY: "yes" }, "MANAGED_TRUST_PROXY"],
    ["a setting that there is not", { MANAGED_PROT: "4020" }, "MANAGED_PROT"],
  ])("refuses %s", (_, env, name) => {
    const act = () => readEnvironment(env);
    expect(act).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }));
    if (env.MANAGED_ADMIN_KEY?.trim()) expect(act).not.toThrow(env.MANAGED_ADMIN_KEY);
  });
});

describe("npm run managed", () => {
  it("refuses to start with default secrets in production, and says how to make one", async () => {
    const { exitCode, output } = await runManaged([], { ...production, MANAGED_ADMIN_KEY: "change-me" });
    expect([exitCode, output]).toEqual([
      1,
      "MANAGED_ADMIN_KEY must be a random text of at least 32 characters. Use the output of openssl rand -hex 32. Correct the option that the message names.\n",
    ]);
  });

  it("refuses a backend that is not set up, by its variables", async () => {
    const { exitCode, output } = await runManaged([], { ...production, L402_PROVIDER: "lnd" });
    expect([exitCode, output]).toEqual([1, expect.stringContaining("LND_URL")]);
  });

  it("says what to do when the database does not answer", async () => {
    const env = { ...production, L402_PROVIDER: ownBackend, L402_WALLET: ownBackend };
    const { exitCode, output } = await runManaged([], { ...env, DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/x" });
    expect([exitCode, output]).toEqual([
      1,
      expect.stringMatching(/^The service did not start: .*Check DATABASE_URL\.\n$/),
    ]);
    expect(output).not.toContain("hunter2");
  });

  it("says what to do when a port is taken", async () => {
    const taken = await listen(() => new Response("somebody else"), "127.0.0.1", 0);
    const { port } = new URL(taken.url);
    const failure = await listen(() => new Response("us"), "127.0.0.1", Number(port)).catch((error: unknown) => error);
    expect(explainFailure(failure)).toBe(
      `Port ${port} cannot be used, because it is in use or not allowed. Set MANAGED_PORT or MANAGED_ADMIN_PORT to another port.`,
    );
    await taken.close();
  });
});

describeWithPostgres("npm run managed in production, on a Postgres server", () => {
  it("serves with a backend of one's own, says what it holds, tells no secret, and pays nothing where told so", async () => {
    const env = {
      ...{ NODE_ENV: "production", L402_NETWORK: "signet", MANAGED_ADMIN_KEY: KEY },
      ...{ L402_PROVIDER: ownBackend, L402_WALLET: ownBackend, DATABASE_URL: await createTestDatabase() },
      MANAGED_PAYOUTS_PAUSED: "true",
    };
    const running = await startManaged(env);
    try {
      const about = await (await fetch(running.url)).json();
      expect(about).toMatchObject({ network: "signet", feePerMille: 3, payoutThresholdMsat: 1_000_000 });
      expect(running.output()).toContain(
        "signet: real payments. Until the payout, balances are the money of other people.",
      );
      expect(running.output()).toContain("Postgres");
      for (const secret of [KEY, env.DATABASE_URL]) expect(running.output()).not.toContain(secret);
      expect(await (await fetch(`${running.url}/health`)).json()).toMatchObject({ payouts: "paused" });
      // What only regtest has is not there.
      const pay = await fetch(`${running.url}/regtest/pay`, { method: "POST", body: '{"bolt11":"x"}' });
      expect(pay.status).toBe(404);
      // An address inside is asked by nobody.
      const inside = { lightningAddress: `you@${new URL(running.url).host}` };
      const { code } = await (
        await fetch(`${running.url}/v1/merchants`, { method: "POST", body: JSON.stringify(inside) })
      ).json();
      expect(code).toBe("ADDRESS_INVALID");
    } finally {
      expect(await running.stop()).toBe(0);
    }
  }, 60_000);
});

describe("a database", () => {
  it("is of one network for good: the books of another network are refused", async () => {
    const database = await openTestDatabase();
    try {
      await claimNetwork(database, "bitcoin");
      await claimNetwork(database, "bitcoin");
      await expect(claimNetwork(database, "regtest")).rejects.toThrow("contains the ledger of the network bitcoin");
    } finally {
      await database.close();
    }
  });
});
