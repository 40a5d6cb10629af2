import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type ChallengeLimiter, parseChallenges } from "@l402/core";
import type { AdapterSubject } from "../adapter.ts";
import type { KitCase } from "../kit.ts";
import { expectProblem, withShop } from "./shop.ts";

const weather = { path: "/weather" };

/** A request is refused unless it paid for this very resource. */
export const adapterRefusalCases: readonly KitCase<AdapterSubject>[] = [
  {
    name: "refuses a token that was used up, with a new invoice",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather], async (shop) => {
        const Authorization = await shop.buy("/weather");
        assert.equal((await shop.send("/weather", { headers: { Authorization } })).status, 200);
        const again = await shop.send("/weather", { headers: { Authorization } });
        expectProblem(again, 402, "CREDENTIAL_USED_UP");
        assert.equal(parseChallenges(again.lines("WWW-Authenticate")).length, 1);
        assert.equal(shop.runs, 1);
      }),
  },
  {
    name: "refuses a forged credential with 401 and without an invoice",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather], async (shop) => {
        const genuine = await shop.buy("/weather");
        const [token = "", preimage = ""] = genuine.replace(/^L402 /, "").split(":");
        const invoices = shop.lightning.invoices.length;
        for (const Authorization of [
          `L402 ${token.slice(0, 20)}${token.charAt(20) === "A" ? "B" : "A"}${token.slice(21)}:${preimage}`,
          `L402 ${token}:${randomBytes(32).toString("hex")}`,
          `L402 ${token}`,
          `L402 ${randomBytes(60).toString("base64url")}:${preimage}`,
          "L402 :",
          "LSAT",
        ]) {
          const answer = await shop.send("/weather", { headers: { Authorization } });
          assert.equal(answer.status, 401);
          assert.deepEqual(answer.lines("WWW-Authenticate"), ["L402"]);
        }
        assert.equal(shop.lightning.invoices.length, invoices, "A forged credential created an invoice.");
        assert.equal(shop.runs, 0);
        assert.equal((await shop.send("/weather", { headers: { Authorization: genuine } })).status, 200);
      }),
  },
  {
    name: "refuses two credentials that differ",
    safety: true,
    run: (subject) =>
      withShop(subject, [{ ...weather, terms: { price: 21, uses: 9 } }], async (shop) => {
        const Authorization = [await shop.buy("/weather"), await shop.buy("/weather")];
        const answer = await shop.send("/weather", { headers: { Authorization } });
        expectProblem(answer, 401, "CREDENTIAL_MALFORMED");
        assert.equal(shop.runs, 0);
      }),
  },
  {
    name: "refuses a token of another path or another method",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather, { path: "/news" }, { method: "POST", path: "/weather" }], async (shop) => {
        const Authorization = await shop.buy("/weather");
        for (const [method, path] of [
          ["GET", "/news"],
          ["POST", "/weather"],
        ] as const) {
          const answer = await shop.send(path, { method, headers: { Authorization } });
          expectProblem(answer, 402, "CREDENTIAL_WRONG_RESOURCE");
        }
        assert.equal(shop.runs, 0);
        assert.equal((await shop.send("/weather?units=metric", { headers: { Authorization } })).status, 200);
      }),
  },
  {
    name: "gates HEAD like GET, and creates no invoice for it",
    safety: true,
    run: (subject) =>
      withShop(subject, [weather], async (shop) => {
        const answer = await shop.send("/weather", { method: "HEAD" });
        assert.deepEqual([answer.status, answer.body], [402, ""]);
        assert.equal(shop.lightning.invoices.length, 0);
        assert.equal(shop.runs, 0);
        const paid = { method: "HEAD", headers: { Authorization: await shop.buy("/weather") } };
        assert.equal((await shop.send("/weather", paid)).status, 200);
        assert.equal((await shop.send("/weather", paid)).status, 402, "HEAD must take a use, as GET does.");
        assert.equal(shop.lightning.invoices.length, 1);
      }),
  },
  {
    name: "tells clients apart by their addresses, and answers 429 with Retry-After to who asks for too many invoices",
    safety: true,
    async run(subject) {
      const clients: (string | undefined)[] = [];
      const challengeLimiter: ChallengeLimiter = {
        take(client) {
          clients.push(client);
          return clients.length === 1 ? { allowed: true } : { allowed: false, retryAfterSeconds: 7 };
        },
      };
      await withShop(
        subject,
        [weather],
        async (shop) => {
          const Authorization = await shop.buy("/weather");
          const answer = await shop.send("/weather");
          expectProblem(answer, 429, "TOO_MANY_CHALLENGES");
          assert.equal(answer.header("Retry-After"), "7");
          assert.deepEqual(answer.lines("WWW-Authenticate"), []);
          assert.equal(shop.lightning.invoices.length, 1, "A client that is limited got an invoice.");
          assert.equal((await shop.send("/weather", { headers: { Authorization } })).status, 200);
        },
        { challengeLimiter },
      );
      // One key for all would let one client use up the limit of the others.
      const address = subject.hidesAddresses ? /^undefined$/ : /^(::ffff:)?127\.0\.0\.1$/;
      for (const client of clients) assert.match(String(client), address);
    },
  },
  {
    name: "gates a plain OPTIONS request",
    safety: true,
    run: (subject) =>
      withShop(subject, [{ method: "OPTIONS", path: "/weather" }], async (shop) => {
        for (const headers of [{}, { Origin: "https://a.example" }, { "Access-Control-Request-Method": "GET" }]) {
          assert.equal((await shop.send("/weather", { method: "OPTIONS", headers })).status, 402);
        }
        assert.equal(shop.runs, 0);
      }),
  },
];
