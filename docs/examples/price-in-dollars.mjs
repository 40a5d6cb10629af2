// Sells for five cents while the rate moves, and while nobody knows it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning, payChallenge } from "@l402/testing";
import { createDollarRate } from "./dollar-rate.mjs";

let dollars = 100_000;
let now = 0;
let asked = 0;
const exchange = async () => {
  asked++;
  return dollars;
};
const rate = createDollarRate(exchange, { now: () => now });
const fiveCents = async () => {
  const sats = Math.ceil((0.05 / (await rate())) * 100_000_000);
  return { price: sats, acceptFrom: Math.ceil(sats * 0.95) };
};

const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const weather = withL402(paywall, fiveCents, () => new Response("sunny"));
const ask = (headers = {}) => weather(new Request("https://shop.example/weather", { headers }));
const priceNow = async () => (await (await ask()).json()).price?.sats;
const minutesLater = (minutes) => {
  now += minutes * 60_000;
};

const offers = await Promise.all([ask(), ask()]);
assert.equal((await offers[0].clone().json()).price.sats, 50);
assert.equal(asked, 1);

// The rate moves; who pays the older offer is served.
dollars = 97_000;
minutesLater(2);
assert.deepEqual([await priceNow(), await priceNow()], [50, 52]);
const paid = await ask({ authorization: await payChallenge(wallet, offers[0]) });
assert.equal(paid.status, 200);

// Further than acceptFrom: this one has to pay again.
dollars = 80_000;
minutesLater(2);
assert.deepEqual([await priceNow(), await priceNow()], [52, 63]);
const late = await ask({ authorization: await payChallenge(wallet, offers[1]) });
assert.equal((await late.json()).code, "CREDENTIAL_UNDERPAID");

// The source answers nonsense: the last rate holds for a quarter of an hour, and no longer.
dollars = 0;
minutesLater(14);
assert.equal(await priceNow(), 63);
minutesLater(2);
assert.equal((await ask()).status, 500);
dollars = 100_000;
assert.equal(await priceNow(), 50);
