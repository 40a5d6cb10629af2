// What the buyer's side adds to a fetch, and a whole sale over real Lightning.
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall, isPreimageOf } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { startRegtest } from "@l402/regtest";
import { difference, measure, mustHold, onlyOne, spread } from "../rounds.mjs";
import { SECRET } from "../shop.mjs";

const URL_OF_GOODS = "http://localhost/goods";
const SALES = 30;
const BUYERS = 64;

export async function measureGroup() {
  const { nodes, close } = await startRegtest({ nodes: ["buyer", "seller"], channelSats: 100_000_000 });
  try {
    return { values: { ...(await measureFetch(nodes)), ...(await measureSales(nodes)) } };
  } finally {
    close();
  }
}

const openShop = ({ seller }, uses) =>
  withL402(
    createPaywall({
      provider: seller.provider,
      secret: SECRET,
      useStore: createMemoryUseStore(),
      network: "regtest",
      challengeLimiter: false,
    }),
    { price: 1, uses },
    () => new Response("goods"),
  );

const clientOf = ({ buyer }, fetch) =>
  createL402Client({ wallet: buyer.wallet, network: "regtest", fetch, budget: { perRequestSats: 10 } });

/** The answer is there at once, so what is left is the client. */
async function measureFetch(nodes) {
  const answer = async () => new Response("free");
  const free = clientOf(nodes, answer);
  const shop = openShop(nodes, 1_000_000_000);
  let paid = shop;
  const cached = clientOf(nodes, (input, init) => paid(new Request(input, init)));
  mustHold((await (await cached.fetch(URL_OF_GOODS)).text()) === "goods", "nothing is sold");
  const headers = [];
  paid = async (request) => {
    headers.push(request.headers.get("authorization"));
    return new Response("goods");
  };
  await cached.fetch(URL_OF_GOODS);
  mustHold(headers[0]?.startsWith("L402 "), "the credential is not used again");
  paid = async () => new Response("goods");
  const nanos = await measure({
    "free, without": () => answer(URL_OF_GOODS),
    free: () => free.fetch(URL_OF_GOODS),
    "cached, without": () => paid(new Request(URL_OF_GOODS, { headers: { authorization: headers[0] } })),
    cached: () => cached.fetch(URL_OF_GOODS),
  });
  const added = (name) => {
    const { median, min, max } = difference(nanos[name], nanos[`${name}, without`]);
    return { median: median / 1000, min: min / 1000, max: max / 1000 };
  };
  return { free: added("free"), cached: added("cached") };
}

async function measureSales(nodes) {
  const shop = openShop(nodes, 1);
  const client = clientOf(nodes, (input, init) => shop(new Request(input, init)));
  const millis = [];
  for (let i = 0; i < SALES; i++) {
    const start = performance.now();
    const response = await client.fetch(`${URL_OF_GOODS}?${i}`);
    mustHold(response.status === 200, "a sale fails");
    millis.push(performance.now() - start);
  }
  const start = performance.now();
  const payments = await Promise.all(Array.from({ length: BUYERS }, () => buyOnce(nodes)));
  const seconds = (performance.now() - start) / 1000;
  mustHold(payments.every(Boolean), "a payment fails");
  return {
    sale: spread(millis),
    "payments per second": onlyOne(BUYERS / seconds),
  };
}

async function buyOnce({ buyer, seller }) {
  const order = { amountMsat: 1000, description: "goods", expiresInSeconds: 600 };
  const { bolt11, paymentHash } = await seller.provider.createInvoice(order);
  const result = await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 1000 });
  return result.status === "paid" && isPreimageOf(result.preimage, paymentHash);
}
