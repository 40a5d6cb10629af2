import assert from "node:assert/strict";
import { decodeInvoice } from "@l402/bolt11";
import { parseChallenges } from "@l402/core";
import type { AdapterSubject } from "../adapter.ts";
import type { KitCase } from "../kit.ts";
import { expectProblem, withShop } from "./shop.ts";

const weather = { path: "/weather" };

const BOTH_CHALLENGES =
  /^LSAT macaroon="([^"]+)", invoice="(lnbcrt[^"]+)", L402 macaroon="\1", invoice="\2", version="0", token="\1"$/;

/** The steps from the 402 to the content. */
export const adapterPaymentCases: readonly KitCase<AdapterSubject>[] = [
  {
    name: "answers 402 with both challenges to a request that has not paid, and does not run the handler",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather], async (shop) => {
        const answer = await shop.send("/weather");
        expectProblem(answer, 402, "CREDENTIAL_MISSING");
        // There are two lines, or one line if the platform joins them, as fetch does.
        assert.match(answer.header("WWW-Authenticate"), BOTH_CHALLENGES);
        assert.equal(shop.runs, 0, "The handler ran without a payment.");
      }),
  },
  {
    name: "runs the handler once for a request that paid, and passes its response on",
    safety: true,
    run: (subject) =>
      withShop(subject, [{ ...weather, task: () => ({ type: "reply", status: 201, body: "rain" }) }], async (shop) => {
        const Authorization = await shop.buy("/weather");
        const answer = await shop.send("/weather", { headers: { Authorization } });
        assert.deepEqual([answer.status, answer.body], [201, "rain"]);
        assert.equal(shop.runs, 1);
        assert.equal(shop.lightning.invoices.length, 1, "A paid request created another invoice.");
      }),
  },
  {
    name: "hands the body of a paid request to the handler, byte for byte",
    safety: true,
    run: (subject) =>
      withShop(subject, [{ method: "POST", path: "/echo", task: () => ({ type: "echo" }) }], async (shop) => {
        const body = JSON.stringify({ text: '☕ \\ " , : \u0000', filler: "x".repeat(50_000) });
        const post = { method: "POST", body, headers: { "Content-Type": "application/json" } };
        const Authorization = await shop.buy("/echo", post);
        const answer = await shop.send("/echo", { ...post, headers: { ...post.headers, Authorization } });
        assert.equal(answer.status, 200);
        assert.ok(answer.body === body, "The handler got another body than was sent.");
      }),
  },
  {
    name: "serves exactly as many requests as were bought, also at once",
    safety: true,
    run: (subject) =>
      withShop(subject, [{ ...weather, terms: { price: 21, uses: 3 } }], async (shop) => {
        const Authorization = await shop.buy("/weather");
        const requests = Array.from({ length: 10 }, () => shop.send("/weather", { headers: { Authorization } }));
        const statuses = (await Promise.all(requests)).map(({ status }) => status).sort();
        assert.deepEqual(statuses, [200, 200, 200, 402, 402, 402, 402, 402, 402, 402]);
        assert.equal(shop.runs, 3);
      }),
  },
  {
    // Aperture's clients send both. Node's `headers.authorization` contains only the first.
    name: "accepts one credential in two header lines, as LSAT and as L402",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather], async (shop) => {
        const l402 = await shop.buy("/weather");
        const Authorization = [l402.replace(/^L402/, "LSAT"), l402];
        assert.equal((await shop.send("/weather", { headers: { Authorization } })).status, 200);
      }),
  },
  {
    name: "asks computed terms about every request, and holds the price of this one against what was paid",
    safety: true,
    run: (subject) =>
      withShop(
        subject,
        [{ path: "/tokens", terms: ({ header }) => ({ price: Number(header("x-tokens")) }) }],
        async (shop) => {
          for (const sats of [7, 70]) {
            const answer = await shop.send("/tokens", { headers: { "X-Tokens": String(sats) } });
            const [challenge] = parseChallenges(answer.lines("WWW-Authenticate"));
            assert.equal(decodeInvoice(challenge?.invoice ?? "").amountMsat, BigInt(sats * 1000));
          }
          const Authorization = await shop.buy("/tokens", { headers: { "X-Tokens": "7" } });
          const dearer = await shop.send("/tokens", { headers: { "X-Tokens": "8", Authorization } });
          expectProblem(dearer, 402, "CREDENTIAL_UNDERPAID");
          assert.equal(shop.runs, 0);
          assert.equal((await shop.send("/tokens", { headers: { "X-Tokens": "7", Authorization } })).status, 200);
        },
      ),
  },
];
