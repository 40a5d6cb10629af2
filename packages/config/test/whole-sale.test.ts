import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { createL402Client } from "@l402/client";
import { createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { afterAll, describe, expect, it } from "vitest";
import { budgetFrom, clientOptionsFrom, networkFrom, paywallOptionsFrom, statePathFrom } from "../src/index.ts";

const SECRET = "a secret for tests, at least 32 bytes long";
const backend = fileURLToPath(new URL("own-backend.mjs", import.meta.url));
const dir = mkdtempSync(`${tmpdir()}/l402-config-`);
afterAll(() => rmSync(dir, { recursive: true }));

describe("a sale that nothing but settings describe", () => {
  const seller = { L402_PROVIDER: backend, L402_STORE: "memory", L402_SECRET: SECRET, L402_NETWORK: "regtest" };
  const buyer = {
    L402_WALLET: backend,
    L402_NETWORK: "regtest",
    L402_MAX_SATS: "20",
    L402_STATE: `${dir}/l402/state.json`,
  };

  it("takes place, and the buyer's budget holds", async () => {
    const paywall = createPaywall(await paywallOptionsFrom(seller));
    const serve = withL402(
      paywall,
      (request: Request) => ({ price: Number(new URL(request.url).searchParams.get("sats")) }),
      () => new Response("goods"),
    );
    const shop: typeof fetch = async (input, init) => serve(new Request(input, init));
    const client = createL402Client({ ...(await clientOptionsFrom(buyer)), fetch: shop });
    expect(await (await client.fetch("https://shop.example/?sats=20")).text()).toBe("goods");
    await expect(client.fetch("https://shop.example/?sats=21")).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
    expect(statSync(`${dir}/l402/state.json`).mode & 0o777).toBe(0o600);
    // Another program with the same settings shares the budget's books.
    const again = createL402Client(await clientOptionsFrom(buyer));
    expect((await again.spending()).totalMsat).toBe(20_000);
  });

  it("needs a secret", async () => {
    for (const secret of [undefined, "short"]) {
      await expect(paywallOptionsFrom({ ...seller, L402_SECRET: secret })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        hint: "Set L402_SECRET to the output of `openssl rand -hex 32`, the same on every server.",
      });
    }
  });
});

describe("limits", () => {
  it("are those of the client", () => {
    const env = {
      L402_MAX_SATS: "1",
      L402_MAX_SATS_PER_ORIGIN: "2",
      L402_MAX_SATS_PER_HOUR: "3",
      L402_MAX_SATS_PER_DAY: "4",
      L402_MAX_SATS_TOTAL: "5",
    };
    const budget = { perRequestSats: 1, perOriginSats: 2, perHourSats: 3, perDaySats: 4, totalSats: 5 };
    expect(budgetFrom(env)).toEqual(budget);
    expect(budgetFrom({})).toEqual({});
    const wallet = { name: "none", payInvoice: () => Promise.reject(), lookupPayment: () => Promise.reject() };
    expect(createL402Client({ wallet, budget })).toHaveProperty("fetch");
  });

  it.each(["1e3", "-1", "10.5", "1 000", "none", "0x10", -1, 10.5, 1e21, Number.NaN, true, false])(
    "%s cannot be read, and is not taken for no limit",
    (value) => {
      expect(() => budgetFrom({ L402_MAX_SATS_PER_DAY: value })).toThrow(
        "L402_MAX_SATS_PER_DAY is not a whole number of sats.",
      );
    },
  );

  it.each([[{ sats: 5 }], [["5"]], [5n], [() => 5], [Symbol("5")]])(
    "%s is no setting, and not taken for none",
    (value) => {
      expect(() => budgetFrom({ L402_MAX_SATS_PER_DAY: value })).toThrow(
        "L402_MAX_SATS_PER_DAY is not a text, a number or",
      );
    },
  );

  it("may be numbers, as a Worker's settings may be, and 0 is one", () => {
    expect(budgetFrom({ L402_MAX_SATS: 10, L402_MAX_SATS_TOTAL: 0, L402_MAX_SATS_PER_DAY: null })).toEqual({
      perRequestSats: 10,
      totalSats: 0,
    });
  });

  it("that are misspelt are not passed over", () => {
    expect(() => budgetFrom({ L402_MAX_SATS_A_DAY: "100" })).toThrow("L402_MAX_SATS_A_DAY is not a known limit.");
    expect(() => budgetFrom({ l402_max_sats: "100" })).toThrow("l402_max_sats is not a known limit.");
    for (const slip of ["L402_MAXSATS", "L402_MAXIMUM_SATS", "L402_MXA_SATS", "L402MAX_SATS_PER_DAY", "L40_MAX_SATS"])
      expect(() => budgetFrom({ [slip]: "100" })).toThrow(`${slip} is not a known limit.`);
    const others = {
      L402_NETWORK: "regtest",
      L402_STATE: "a",
      L402_STORE: "memory",
      MAX_SATS: "1",
      LND_MAX_SATS: "1",
      X402_MAX_SATS: "1",
    };
    expect(budgetFrom(others)).toEqual({});
  });
});

describe("the file of a buyer's state", () => {
  it("is the path that is set, without what only a shell understands", async () => {
    expect([statePathFrom({}), statePathFrom({ L402_STATE: " a/b.json\r" })]).toEqual([undefined, "a/b.json"]);
    const env = { L402_WALLET: backend, L402_STATE: "~/.l402/client.json" };
    await expect(clientOptionsFrom(env)).rejects.toThrow("L402_STATE begins with ~, which only a shell understands.");
  });
});

describe("the network", () => {
  it("is bitcoin, or the one that is named", () => {
    expect(networkFrom({})).toBe("bitcoin");
    expect(networkFrom({ L402_NETWORK: "regtest" })).toBe("regtest");
    expect(() => networkFrom({ L402_NETWORK: "mainnet" })).toThrow("L402_NETWORK is not set to a known network.");
  });
});
