import assert from "node:assert/strict";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeClock, fakeLightning, payChallenge } from "@l402/testing";

// The app under test takes its provider, network and clock as arguments.
const createApp = (options) =>
  withL402(
    createPaywall({ secret: "only for tests, 32 bytes or longer", useStore: createMemoryUseStore(), ...options }),
    { price: 10, validForSeconds: 60 },
    () => Response.json({ weather: "sunny" }),
  );

const clock = fakeClock();
const lightning = fakeLightning({ clock });
const app = createApp({ provider: lightning.provider, network: "regtest", clock });
const ask = (headers = {}) => app(new Request("https://shop.example/weather", { headers }));

const authorization = await payChallenge(lightning.wallet, await ask());
const paid = await ask({ authorization });
console.log(paid.status, await paid.text());

clock.advanceSeconds(3600);
assert.equal((await (await ask({ authorization })).json()).code, "CREDENTIAL_EXPIRED");

lightning.always("createInvoice", "PROVIDER_UNREACHABLE");
assert.equal((await ask()).status, 503);
console.log("ok");
