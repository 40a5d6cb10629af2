import assert from "node:assert/strict";
import type { PaywallEvent, Terms } from "@l402/core";
import type { AdapterSubject, HandlerTask, HeaderReader } from "../adapter.ts";
import type { KitCase } from "../kit.ts";
import { expectProblem, expectReleases, replyOk, withShop } from "./shop.ts";

/** When something fails, no buyer pays without being served, and no client is served for free. */
export const adapterFailureCases: readonly KitCase<AdapterSubject>[] = [
  {
    name: "gives the use back, once, when the handler throws",
    safety: true,
    async run(subject) {
      for (const error of [new Error("a bug in the handler"), "no Error, but a bug too"])
        await expectUseGivenBack(subject, () => ({ type: "throw", error }));
    },
  },
  {
    name: "gives the use back, once, when the handler answers with 500 or more",
    safety: true,
    async run(subject) {
      for (const [status, body] of [
        [500, "sorry"],
        [503, "sorry"],
        [503, ""],
      ] as const)
        await expectUseGivenBack(subject, () => ({ type: "reply", status, body }));
    },
  },
  {
    name: "keeps the use when the handler answers with less than 500",
    safety: true,
    async run(subject) {
      for (const [status, body] of [
        [404, "no such city"],
        [200, ""],
      ] as const) {
        const task = (): HandlerTask => ({ type: "reply", status, body });
        await withShop(subject, [{ path: "/weather", task }], async (shop) => {
          const Authorization = await shop.buy("/weather");
          const answer = await shop.send("/weather", { headers: { Authorization } });
          assert.deepEqual([answer.status, answer.body], [status, body]);
          assert.equal((await shop.send("/weather", { headers: { Authorization } })).status, 402);
          assert.equal(shop.store.releases, 0);
        });
      }
    },
  },
  {
    name: "answers 500 when terms throw or make no sense, grants nothing and creates no invoice",
    safety: true,
    async run(subject) {
      for (const terms of BROKEN_TERMS) {
        await withShop(subject, [{ path: "/weather", terms }], async (shop) => {
          const answer = await shop.send("/weather");
          expectProblem(answer, 500, "INTERNAL");
          assert.ok(!answer.body.includes("database"), "The answer shows what the seller's code threw.");
          assert.equal(shop.lightning.invoices.length, 0);
          assert.equal(shop.runs, 0);
        });
      }
    },
  },
  {
    name: "leaves a request that its terms refuse to the framework, and sells nothing, takes no use and alarms nobody",
    safety: true,
    async run(subject) {
      const events: PaywallEvent[] = [];
      const terms = ({ header }: HeaderReader): Terms => {
        if (header("bad-request")) throw subject.badRequest?.() ?? BAD_REQUEST;
        return { price: 21 };
      };
      await withShop(
        subject,
        [{ path: "/weather", terms }],
        async (shop) => {
          const Authorization = await shop.buy("/weather");
          for (const headers of [{}, { Authorization }]) {
            const { status } = await shop.send("/weather", { headers: { ...headers, "Bad-Request": "yes" } });
            assert.equal(status, 400);
          }
          assert.equal(shop.lightning.invoices.length, 1, "An invoice was made for a request that was refused.");
          assert.equal(shop.runs, 0);
          assert.deepEqual(
            events.filter(({ type }) => type === "failed"),
            [],
          );
          assert.equal((await shop.send("/weather", { headers: { Authorization } })).status, 200);
        },
        { onEvent: (event) => events.push(event) },
      );
    },
  },
  {
    name: "answers 503 with Retry-After while the Lightning node is down, and still serves who has paid",
    safety: true,
    run: (subject) =>
      withShop(subject, [{ path: "/weather" }], async (shop) => {
        const Authorization = await shop.buy("/weather");
        shop.lightning.always("createInvoice", "PROVIDER_UNREACHABLE");
        const answer = await shop.send("/weather");
        expectProblem(answer, 503, "PROVIDER_UNREACHABLE");
        assert.match(answer.header("Retry-After"), /^[1-9]\d*$/);
        assert.equal(shop.runs, 0);
        assert.equal((await shop.send("/weather", { headers: { Authorization } })).status, 200);
      }),
  },
  {
    name: "answers 503 with Retry-After while the use store is down, and takes the token again when it is back",
    safety: true,
    run: (subject) =>
      withShop(subject, [{ path: "/weather" }], async (shop) => {
        const Authorization = await shop.buy("/weather");
        shop.store.broken = true;
        const answer = await shop.send("/weather", { headers: { Authorization } });
        expectProblem(answer, 503, "STORE_UNAVAILABLE");
        assert.match(answer.header("Retry-After"), /^[1-9]\d*$/);
        assert.equal(shop.runs, 0, "The handler ran although nobody knows whether the token was used up.");
        shop.store.broken = false;
        assert.equal((await shop.send("/weather", { headers: { Authorization } })).status, 200);
      }),
  },
];

const BAD_REQUEST = Object.assign(new Error("that cannot be sold"), {
  status: 400,
  statusCode: 400,
  expose: true,
});

const BROKEN_TERMS: readonly (() => Terms | Promise<Terms>)[] = [
  () => {
    throw new Error("the database password is wrong");
  },
  () => Promise.reject(new Error("the database password is wrong")),
  () => {
    // As clients of other APIs do.
    throw Object.assign(new Error("the database password is wrong"), { status: 404, statusCode: 404 });
  },
  () => ({ price: Number.NaN }),
  () => ({ price: 0 }),
  () => ({}) as Terms,
  () => undefined as unknown as Terms,
];

async function expectUseGivenBack(subject: AdapterSubject, failure: () => HandlerTask): Promise<void> {
  for (const method of ["GET", "POST"] as const) {
    let healthy = false;
    const task = () => (healthy ? replyOk() : failure());
    await withShop(subject, [{ method, path: "/weather", task }], async (shop) => {
      const Authorization = await shop.buy("/weather", { method });
      const paid = { method, headers: { Authorization } };
      for (let failures = 1; failures <= 2; failures++) {
        const { status } = await shop.send("/weather", paid);
        assert.ok(status >= 500, `The handler failed, and the answer was ${status}.`);
        await expectReleases(shop, failures);
      }
      healthy = true;
      assert.equal((await shop.send("/weather", paid)).status, 200, "The use was not given back.");
      assert.equal((await shop.send("/weather", paid)).status, 402, "More uses were given back than were taken.");
      await expectReleases(shop, 2);
    });
  }
}
