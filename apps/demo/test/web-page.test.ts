import { request } from "node:http";
import { beforeAll, expect, it } from "vitest";
import { startDemo } from "./start-demo.ts";

type News = { type: "step" | "paywall" | "balances"; text: string };

/** The demo's web page in use: what its buttons do, and what its logs say. */
async function openPage() {
  const demo = startDemo(["--port", "0", "--provider", "apps/demo/test/own-backend.mjs"]);
  const [, url = ""] = await demo.says(/Try it yourself at (\S+)/);
  const { body } = await fetch(`${url}/demo/news`);
  const chunks = (body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let unread = "";

  /** What was told up to the next balances, which come after every order. */
  async function readNews(): Promise<News[]> {
    const news: News[] = [];
    for (;;) {
      const end = unread.indexOf("\n\n");
      if (end < 0) unread += decoder.decode((await chunks.read()).value, { stream: true });
      else {
        news.push(JSON.parse(unread.slice("data: ".length, end)));
        unread = unread.slice(end + 2);
        if (news.at(-1)?.type === "balances") return news;
      }
    }
  }
  const tour = await readNews();

  async function click(order: string) {
    const { status } = await fetch(`${url}/demo/buy/${order}`, { method: "POST", headers: { origin: url } });
    const news = await readNews();
    const said = (type: News["type"]) => news.filter((each) => each.type === type).map(({ text }) => text);
    return { status, steps: said("step"), paywall: said("paywall") };
  }
  return { url, click, tour };
}

let url: string;
let click: Awaited<ReturnType<typeof openPage>>["click"];
let tour: News[];
beforeAll(async () => {
  ({ url, click, tour } = await openPage());
});

const payments = (clicks: readonly { steps: string[] }[]) =>
  clicks.flatMap(({ steps }) => steps).filter((step) => step.startsWith("⚡ paid"));

it("tells first what the tour did: a request is refused, and then gets an offer", () => {
  const decisions = tour.filter(({ type }) => type === "paywall").map(({ text }) => text);
  expect(decisions.slice(0, 4)).toEqual([
    "offered GET /weather for 10 sats",
    "granted GET /weather, paid 10 sats",
    "refused with 402: used up",
    "offered GET /weather for 10 sats",
  ]);
});

it("pays for a pass once in three clicks, and says on both sides what is left", async () => {
  const clicks = [await click("quote"), await click("quote"), await click("quote")];
  expect(payments(clicks)).toEqual([expect.stringMatching(/^⚡ paid 25 sats \+ 0 routing fee/)]);
  expect(clicks.map(({ steps }) => steps.at(-1))).toEqual([
    "Paid once: 2 requests left",
    "Nothing paid: one request left",
    "Nothing paid: that was the last request",
  ]);
  expect(clicks.map(({ paywall }) => paywall)).toEqual([
    ["offered GET /quote for 25 sats", "granted GET /quote, paid 25 sats (2 of 3 left)"],
    ["granted GET /quote (1 of 3 left)"],
    ["granted GET /quote (0 of 3 left)"],
  ]);
  expect(payments([await click("quote")])).toHaveLength(1);
});

it("pays once for what fails the first time", async () => {
  const [failed, served] = [await click("flaky"), await click("flaky")];
  expect(failed.steps.slice(-2)).toEqual([
    '← 500 {"error":"the printer is out of paper"}',
    "The use was given back: one request left",
  ]);
  expect(failed.paywall.slice(1)).toEqual(["granted GET /flaky, paid 5 sats", "gave a use of GET /flaky back"]);
  expect(served.steps).toEqual([
    "→ GET /flaky  (with the token and the proof)",
    '← 200 {"printed":true}',
    "Nothing paid: that was the last request",
  ]);
  expect(served.paywall).toEqual(["granted GET /flaky"]);
});

it("does not call your own backend play money", async () => {
  const page = await (await fetch(url)).text();
  expect(page).toContain("Your own backend, on the network regtest.");
  expect(page).not.toMatch(/play.money/);
});

it("spends nothing for a page of another origin, even if its name leads here", async () => {
  const { port } = new URL(url);
  const order = (headers: Record<string, string>) =>
    new Promise((resolve) => {
      request(`${url}/demo/buy/weather`, { method: "POST", headers }, ({ statusCode }) => resolve(statusCode)).end();
    });
  const evil = `evil.example:${port}`;
  expect(await order({ origin: `http://${evil}` })).toBe(403);
  expect(await order({ host: evil, origin: `http://${evil}` })).toBe(403);
  expect(await order({})).toBe(403);
  expect(payments([await click("weather")])).toHaveLength(1);
});

// The last one, because nothing is left after it.
it("pays nothing beyond its budget", async () => {
  const clicks = [await click("weather")];
  while (payments(clicks.slice(-1)).length > 0) clicks.push(await click("weather"));
  expect(clicks.length).toBeGreaterThan(80);
  expect(clicks.length).toBeLessThanOrEqual(100);
  expect(clicks.at(-1)?.steps.at(-1)).toMatch(/^Nothing paid: .*perDaySats/);
});
