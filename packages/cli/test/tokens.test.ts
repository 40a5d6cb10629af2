import { existsSync, mkdirSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dir, l402, newState } from "./l402-process.ts";
import { openLightningShop } from "./lightning-shop.ts";

const shop = await openLightningShop();
const env = { ...shop.env, L402_STATE: newState() };
const run = (args: string, more: Record<string, string> = {}) =>
  l402(args.replaceAll("URL", shop.url).split(" "), { env: { ...env, ...more } });

describe("l402 tokens", () => {
  it("lists what was bought and spent, and shows no secret", async () => {
    expect((await run("tokens list")).stdout).toBe("Nothing was spent yet.\n");
    await run("fetch URL/pass");
    const { stdout } = await run("tokens list");
    expect(stdout.replace(shop.url, "URL")).toBe(
      "GET URL/pass: 25 sats, 2 uses left, expires in 1 h\n" +
        "Spent, including fees: 26 sats in the last hour, 26 sats in the last 24 hours, 26 sats in total.\n",
    );
    const json = await run("tokens list --json");
    expect(json.json()).toMatchObject({
      purchases: [{ status: "paid", url: `${shop.url}/pass`, usesLeft: 2, amountMsat: 25_000 }],
      spending: { totalMsat: 26_000 },
    });
    expect(shop.preimages).toHaveLength(1);
    for (const preimage of shop.preimages) expect(stdout + json.stdout).not.toContain(preimage);
  });

  it("tells how much of which limit was spent", async () => {
    const limits = { L402_MAX_SATS_PER_DAY: "500", L402_MAX_SATS_PER_ORIGIN: "100" };
    expect((await run("tokens list", limits)).stdout).toContain(
      "26 sats in the last hour, 26 sats of 500 in the last 24 hours, 26 sats in total.",
    );
    const { spending, limits: told } = (await run("tokens list --json", limits)).json();
    expect(spending).toMatchObject({ dayMsat: 26_000, originsMsat: { [shop.url]: 26_000 } });
    expect(told).toEqual({ perDaySats: 500, perOriginSats: 100 });
  });

  it("forgets one origin, or all where that is said", async () => {
    expect((await run("tokens forget http://127.0.0.1:1")).stdout).toBe("Deleted 0 tokens of http://127.0.0.1:1.\n");
    expect((await run("tokens forget URL/anything")).stdout).toBe(`Deleted 1 token of ${shop.url}.\n`);
    expect((await run("tokens forget --all --json")).json()).toEqual({ forgotten: 0 });
    expect((await run("tokens list")).stdout).toMatch(/^Spent, /);
  });

  it("forgets one payment, so that what else was bought there is kept", async () => {
    await run("fetch URL/pass");
    await run("fetch URL/refuses");
    const { purchases } = (await run("tokens list --json")).json();
    expect(purchases).toHaveLength(2);
    const blocked = await run("fetch URL/refuses");
    const { paymentHash } = purchases.find(({ url }: { url: string }) => url.endsWith("/refuses"));
    expect(blocked.code).toBe(6);
    expect(blocked.stderr).toContain(`To pay again, run l402 tokens forget ${paymentHash} first.`);
    expect((await run(`tokens forget ${paymentHash.toUpperCase()}`)).stdout).toBe(
      `Deleted 1 token of payment ${paymentHash}.\n`,
    );
    expect((await run("tokens list")).stdout).toMatch(/^GET \S+\/pass: .*\nSpent/);
    expect((await run(`tokens forget --json ${paymentHash}`)).json()).toEqual({ forgotten: 0 });
    const before = shop.payments.length;
    expect((await run("fetch URL/refuses")).code).toBe(6);
    expect((await run("fetch URL/pass")).code).toBe(0);
    expect(shop.payments).toHaveLength(before + 1);
  });

  it("keeps play money apart: each network has a file of its own", async () => {
    const HOME = `${dir}/home`;
    mkdirSync(HOME);
    const own = { ...shop.env, HOME, L402_STATE: "" };
    await l402(["fetch", `${shop.url}/pass`], { env: own });
    expect(existsSync(`${HOME}/.l402/client-regtest.json`)).toBe(true);
    expect((await l402(["tokens", "list"], { env: own })).stdout).toContain("26 sats in total");
    expect((await l402(["tokens", "list", "--network", "bitcoin"], { env: own })).stdout).toBe(
      "Nothing was spent yet.\n",
    );
    rmSync(HOME, { recursive: true });
  });
});
