import { afterAll, expect, it } from "vitest";
import { l402, newState } from "./l402-process.ts";
import { openLightningShop } from "./lightning-shop.ts";
import { startNwcWallet } from "./nwc-wallet.mjs";

const shop = await openLightningShop();
const hub = await startNwcWallet(shop.buyer.wallet);
afterAll(() => hub.close());

// From the sources, because there the SDK is where the published command has it.
const run = (...args: string[]) =>
  l402(args, {
    fromSource: true,
    env: { L402_WALLET: "alby", ALBY_URL: hub.url, L402_NETWORK: "regtest", L402_STATE: state },
  });
const state = newState();

it("l402 pays with a wallet that speaks Nostr Wallet Connect, over a relay, on real Lightning", async () => {
  const doctor = await run("doctor");
  expect(doctor.stdout).toContain("✓ The Lightning wallet is alby, because L402_WALLET names it.\n");
  expect(doctor.stdout).toContain("has no fee limit, so l402 reserves a fee of 10 sats for a payment of 1,000 sats.\n");
  expect(doctor.code).toBe(0);

  const { code, stdout, stderr } = await run("fetch", `${shop.url}/weather`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"weather":"sunny"}' });
  expect(stderr).toContain(
    "The Lightning wallet is alby, because L402_WALLET names it.\nPaying …\nPaid 10 sats, plus a routing fee of 1 sat",
  );
  expect(hub.payments()).toBe(1);

  // The fee that the wallet may take counts before it is known.
  const small = await run("fetch", "--max-sats", "19", `${shop.url}/weather`);
  expect(small.code).toBe(3);
  expect(hub.payments()).toBe(1);
  for (const { all } of [doctor, { all: stdout + stderr }, small]) expect(all).not.toContain(hub.clientSecret);
});
