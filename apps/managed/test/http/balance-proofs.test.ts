import { verifyBalanceProof } from "@l402/managed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Served, serve } from "./served.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

describe("signed balances over HTTP", () => {
  it("are not there before the first root, and say so", async () => {
    const { apiKey } = await served.signUp();
    for (const path of ["/v1/balance-root", "/v1/balance-root/1", "/v1/balance-root/0", "/v1/balance-root/x"])
      expect((await served.ask(path)).body.code).toBe("NOT_FOUND");
    expect((await served.ask("/v1/balance-proof", { key: apiKey })).body.code).toBe("NOT_FOUND");
  });

  it("are for anybody, with the proof for the merchant alone, and its way leads to the statement", async () => {
    const { merchantId, apiKey } = await served.signUp();
    await served.earn((await served.signUp()).apiKey, 5_000);
    await served.earn(apiKey, 100_000);
    await served.service.tick();
    const root = (await served.ask("/v1/balance-root")).body;
    const publicKey = root.keys.at(-1).publicKey;
    const { number, totalMsat } = JSON.parse(root.statement);
    expect([number, totalMsat]).toEqual([1, 99_700 + 4_985]);
    expect((await served.ask("/v1/balance-root/1")).body).toEqual(root);

    const { body } = await served.ask("/v1/balance-proof", { key: apiKey });
    const proven = await verifyBalanceProof(body, { merchantId, publicKey });
    const { lines } = (await served.ask("/v1/statement", { key: apiKey })).body;
    expect(lines.at(-1)).toMatchObject({ cursor: proven.cursor, availableMsat: proven.balanceMsat, pendingMsat: 0 });

    expect((await served.ask("/v1/balance-proof")).body.code).toBe("KEY_MISSING");
    const poor = await served.signUp();
    expect((await served.ask("/v1/balance-proof", { key: poor.apiKey })).body).toMatchObject({ leaf: null, path: [] });
    for (const number of ["2", "01", "-1", "1.0", "9".repeat(15), "9".repeat(40), "1%00"])
      expect([400, 404]).toContain((await served.ask(`/v1/balance-root/${number}`)).status);
    expect(served.errors).toEqual([]);
  });
});
