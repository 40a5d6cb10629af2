// Gives a pass away, and takes it back.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { attenuateToken, createMemoryUseStore, createPaywall, signedJsonFormat } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning, payChallenge } from "@l402/testing";
import { gift } from "./gift.mjs";
import { revocable } from "./revocable.mjs";

const secret = randomBytes(32).toString("hex");
const revoked = new Set();
const { provider, wallet } = fakeLightning();
const paywall = createPaywall({
  ...{ provider, secret, network: "regtest", useStore: createMemoryUseStore() },
  tokenFormat: revocable(signedJsonFormat(), revoked),
});
const weather = withL402(paywall, { price: 10, uses: 3 }, (_request, payment) => Response.json(payment));
const ask = (authorization = "") =>
  weather(new Request("https://shop.example/weather", { headers: authorization ? { authorization } : {} }));

const given = await gift({ secret, resource: "GET /weather", uses: 2, amountMsat: 10_000, validForSeconds: 3600 });
assert.equal((await ask(given)).status, 200);
assert.equal((await ask(given)).status, 200);
assert.equal((await (await ask(given)).json()).code, "CREDENTIAL_USED_UP");

const bought = await payChallenge(wallet, await ask());
const narrowed = bought.replace(/(?<=L402 )[^:]+/, (token) => attenuateToken(token, { uses: 1 }));
revoked.add((await (await ask(bought)).json()).paymentHash);
assert.equal((await ask(bought)).status, 401);
assert.equal((await ask(narrowed)).status, 401);
// Nobody else's.
assert.equal((await ask(await payChallenge(wallet, await ask()))).status, 200);
