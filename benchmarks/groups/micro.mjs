// What single steps cost in this process.
import { measureBolt11 } from "../micro/bolt11.mjs";
import { measureCredential } from "../micro/credential.mjs";
import { measureMacaroon } from "../micro/macaroon.mjs";
import { measureMint } from "../micro/mint.mjs";
import { AMOUNT_MSAT, buy, openShop } from "../shop.mjs";

const COUNT = 256;

export async function measureGroup() {
  const shop = openShop();
  // Counted, as most tokens are, and enough uses for every round.
  const terms = { price: AMOUNT_MSAT / 1000, uses: 1_000_000_000 };
  const bought = await buy(shop, terms, COUNT);
  const results = [
    await measureCredential(shop.paywall.gate(terms), bought),
    await measureMacaroon(bought),
    await measureMint(bought),
    await measureBolt11(shop.provider.invoices),
  ];
  return {
    values: Object.assign({}, ...results.map(({ values }) => values)),
    nanos: Object.assign({}, ...results.map(({ nanos }) => nanos)),
  };
}
