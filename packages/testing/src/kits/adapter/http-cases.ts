import assert from "node:assert/strict";
import type { AdapterSubject } from "../adapter.ts";
import { answerOf } from "../expectations.ts";
import type { KitCase } from "../kit.ts";
import type { Answer } from "./http-client.ts";
import { withShop } from "./shop.ts";

const weather = { path: "/weather" };

/** Browsers, caches and streams. */
export const adapterHttpCases: readonly KitCase<AdapterSubject>[] = [
  {
    name: "keeps every refusal out of caches, and readable for pages of other origins",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather], async (shop) => {
        expectRefusalHeaders(await shop.send("/weather"), 402);
        expectRefusalHeaders(await shop.send("/weather", { headers: { Authorization: "L402 junk" } }), 401);
        shop.lightning.always("createInvoice", "PROVIDER_UNREACHABLE");
        expectRefusalHeaders(await shop.send("/weather"), 503);
      }),
  },
  {
    name: "keeps what was paid for out of shared caches",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather], async (shop) => {
        const Authorization = await shop.buy("/weather");
        const answer = await shop.send("/weather", { headers: { Authorization } });
        assert.equal(answer.status, 200);
        assert.match(answer.header("Cache-Control"), /\b(private|no-store)\b/);
        expectListed(answer, "Vary", ["authorization"]);
      }),
  },
  {
    name: "neither gates nor charges a CORS preflight, and does not run the handler",
    safety: true,
    run: (subject) =>
      // A route for OPTIONS, because behind one for GET the paywall never sees a preflight.
      withShop(subject, [{ method: "OPTIONS", path: "/weather" }], async (shop) => {
        const asked = { "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization" };
        const headers = { Origin: "https://a.example", ...asked };
        const answer = await shop.send("/weather", { method: "OPTIONS", headers });
        assert.ok(answer.status >= 200 && answer.status < 300, `A preflight was answered with ${answer.status}.`);
        assert.equal(shop.lightning.invoices.length, 0);
        assert.equal(shop.runs, 0);
        expectListed(answer, "Access-Control-Allow-Headers", ["authorization"]);
      }),
  },
  {
    name: "sends the first chunk of a stream before the handler has ended",
    safety: true,
    async run(subject) {
      let finish = () => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      async function* chunks() {
        yield "data: first\n\n";
        await finished;
        yield "data: last\n\n";
      }
      await withShop(subject, [{ ...weather, task: () => ({ type: "stream", chunks: chunks() }) }], async (shop) => {
        const Authorization = await shop.buy("/weather");
        try {
          const stream = await answerOf(() => shop.sendForFirstChunk("/weather", { headers: { Authorization } }), 3);
          assert.equal(stream.first, "data: first\n\n");
          finish();
          assert.equal(await answerOf(stream.rest, 3), "data: last\n\n");
        } finally {
          finish();
        }
        assert.equal(shop.store.releases, 0);
      });
    },
  },
];

function expectRefusalHeaders(answer: Answer, status: number): void {
  assert.equal(answer.status, status);
  assert.match(answer.header("Cache-Control"), /\bno-store\b/);
  expectListed(answer, "Vary", ["authorization", "accept"]);
  expectListed(answer, "Access-Control-Expose-Headers", ["www-authenticate", "retry-after"]);
  expectListed(answer, "Access-Control-Allow-Origin", ["*"]);
}

function expectListed(answer: Answer, name: string, values: readonly string[]): void {
  const listed = answer.header(name).toLowerCase().split(/[ ,]+/);
  for (const value of values)
    assert.ok(listed.includes(value), `${name} must name ${value}; it is "${answer.header(name)}".`);
}
