import assert from "node:assert/strict";
import type { Terms } from "@l402/core";
import type { AdapterSubject, HandlerTask } from "../adapter.ts";
import { answerOf } from "../expectations.ts";
import { given, type KitCase } from "../kit.ts";
import { pause } from "../kit-time.ts";
import { A_MOMENT_IN_SECONDS } from "./http-client.ts";
import { connectHttp2 } from "./http2-client.ts";
import { expectReleases, type RouteSketch, replyOk, type Shop, until, withShop } from "./shop.ts";

/** Opens a shop for clients that leave, on one of the versions of HTTP. */
type OpenShop = (routes: readonly RouteSketch[], visit: (shop: Shop) => Promise<void>) => Promise<void>;

interface Leaving {
  name: string;
  safety: boolean;
  run(open: OpenShop): Promise<void>;
}

/** What has to hold when clients leave before they receive an answer, over every version of HTTP. */
const LEAVINGS: readonly Leaving[] = [
  {
    name: "runs no handler for a client that has not paid and leaves before the paywall has answered",
    safety: true,
    run: (open) =>
      open([{ path: "/weather" }], async (shop) => {
        shop.lightning.always("createInvoice", { delaySeconds: 2 * A_MOMENT_IN_SECONDS });
        const leave = shop.sendAndLeave("/weather");
        await until(() => shop.lightning.calls.createInvoice === 1);
        await leave();
        await pause(3 * A_MOMENT_IN_SECONDS);
        assert.equal(shop.lightning.calls.createInvoice, 1, "The request did not reach the paywall.");
        assert.equal(shop.runs, 0, "The handler ran for a client that left without paying.");
      }),
  },
  {
    // A client that has left has no address any more, so no limit would apply. This case is not about safety: some
    // platforms do not report that a client has left.
    name: "makes no invoice for a client that has left before its price is known",
    safety: false,
    async run(open) {
      const price = later<Terms>();
      let asked = 0;
      const terms = () => {
        asked++;
        return price.promise;
      };
      await open([{ path: "/weather", terms }], async (shop) => {
        const leave = shop.sendAndLeave("/weather");
        await until(() => asked === 1);
        await leave();
        price.resolve({ price: 21 });
        await pause(A_MOMENT_IN_SECONDS);
        assert.equal(asked, 1, "The request did not reach the paywall.");
        assert.equal(shop.lightning.invoices.length, 0, "An invoice was made for a client that had left.");
        assert.equal((await shop.send("/weather")).status, 402);
      });
    },
  },
  {
    // This case is not about safety: some platforms do not report that a client has left.
    name: "runs no handler for a client that has paid and leaves before the paywall has answered, and gives the use back",
    safety: false,
    async run(open) {
      for (const method of ["GET", "POST"] as const) {
        await open([{ method, path: "/weather" }], async (shop) => {
          const paid = { method, headers: { Authorization: await shop.buy("/weather", { method }) } };
          const store = later<void>();
          shop.store.slow = store.promise;
          const leave = shop.sendAndLeave("/weather", paid);
          await until(() => shop.store.consumes === 1);
          await leave();
          shop.store.slow = undefined;
          store.resolve();
          await expectReleases(shop, 1);
          assert.equal(shop.runs, 0, "The handler ran for a client that had left.");
          assert.equal((await shop.send("/weather", paid)).status, 200, "The use was not given back.");
        });
      }
    },
  },
  {
    name: "gives the use back, once, when the client of a GET leaves before the first byte",
    safety: false,
    async run(open) {
      for (const ending of ENDINGS) {
        await leavingTheHandler(open, "GET", ending, async (shop, paid) => {
          await expectReleases(shop, 1);
          assert.equal((await shop.send("/weather", paid)).status, 200, "The use was not given back.");
          assert.equal((await shop.send("/weather", paid)).status, 402);
          assert.equal(shop.store.releases, 1);
        });
      }
    },
  },
  {
    // This case is not about safety: some platforms do not report that a client has left.
    name: "serves the client of a GET that left and asks again, while its first handler still works",
    safety: false,
    async run(open) {
      const body = later<string>();
      const tasks: HandlerTask[] = [{ type: "wait", body: body.promise }];
      await open([{ path: "/weather", task: () => tasks.shift() ?? replyOk() }], async (shop) => {
        const paid = { headers: { Authorization: await shop.buy("/weather") } };
        const leave = shop.sendAndLeave("/weather", paid);
        await until(() => shop.runs === 1);
        await leave();
        await expectReleases(shop, 1);
        assert.equal((await shop.send("/weather", paid)).status, 200, "Who has paid is asked to pay again.");
        body.resolve("the goods");
        await pause(A_MOMENT_IN_SECONDS);
        assert.equal((await shop.send("/weather", paid)).status, 402, "One payment was good for two answers.");
        assert.equal(shop.store.releases, 1);
      });
    },
  },
  {
    // A client that leaves on purpose would get the side effects of the handler again and again.
    name: "keeps the use when the client of a POST leaves, however its handler ends",
    safety: true,
    async run(open) {
      for (const ending of ENDINGS) {
        await leavingTheHandler(open, "POST", ending, async (shop, paid) => {
          assert.equal((await shop.send("/weather", paid)).status, 402, "One payment ran the handler twice.");
          assert.equal(shop.store.releases, 0);
        });
      }
    },
  },
  {
    name: "keeps the use when the client leaves behind the first byte",
    safety: true,
    async run(open) {
      const rest = later<void>();
      async function* chunks() {
        yield "data: first\n\n";
        await rest.promise;
      }
      const task = (): HandlerTask => ({ type: "stream", chunks: chunks() });
      await open([{ path: "/weather", task }], async (shop) => {
        const paid = { headers: { Authorization: await shop.buy("/weather") } };
        const stream = await answerOf(() => shop.sendForFirstChunk("/weather", paid));
        stream.leave();
        await pause(A_MOMENT_IN_SECONDS);
        rest.resolve();
        await pause(A_MOMENT_IN_SECONDS);
        assert.equal((await shop.send("/weather", paid)).status, 402);
        assert.equal(shop.store.releases, 0);
      });
    },
  },
];

export const adapterDisconnectCases: readonly KitCase<AdapterSubject>[] = [
  ...LEAVINGS.map(({ name, safety, run }) => ({
    name,
    safety,
    run: (subject: AdapterSubject) => run((routes, visit) => withShop(subject, routes, visit)),
  })),
  {
    // Over HTTP/2, a client that leaves resets its stream, and the connection stays open.
    name: "treats clients that leave over HTTP/2 like those that leave over HTTP/1",
    safety: true,
    needs: "startHttp2",
    async run(subject) {
      const http2 = { ...subject, start: given(subject, "startHttp2") };
      for (const { name, run } of LEAVINGS) {
        await run((routes, visit) => withShop(http2, routes, visit, {}, connectHttp2)).catch((error: Error) => {
          error.message = `Over HTTP/2, no adapter that ${name}: ${error.message}`;
          throw error;
        });
      }
    },
  },
];

type Ending = (body: Later<string>) => void;

/** A handler that notices the client's leaving often throws. */
const ENDINGS: readonly Ending[] = [
  (body) => body.resolve("the goods"),
  (body) => body.reject(new Error("the client has left")),
];

/** Lets a client leave while the handler works, lets the handler end, and inspects what is left of the use. */
async function leavingTheHandler(
  open: OpenShop,
  method: "GET" | "POST",
  ending: Ending,
  inspect: (shop: Shop, paid: { method: string; headers: { Authorization: string } }) => Promise<void>,
): Promise<void> {
  const body = later<string>();
  let first = true;
  const task = (): HandlerTask => {
    const mine = first;
    first = false;
    return mine ? { type: "wait", body: body.promise } : replyOk();
  };
  await open([{ method, path: "/weather", task }], async (shop) => {
    const paid = { method, headers: { Authorization: await shop.buy("/weather", { method }) } };
    const leave = shop.sendAndLeave("/weather", paid);
    await until(() => shop.runs === 1);
    await leave();
    ending(body);
    await pause(A_MOMENT_IN_SECONDS);
    assert.equal(shop.runs, 1, "The handler must run once.");
    await inspect(shop, paid);
  });
}

interface Later<Value> {
  promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

function later<Value>(): Later<Value> {
  let settle: Omit<Later<Value>, "promise"> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Without this, the runner would report a rejection that no case awaits as a failure.
  promise.catch(() => {});
  return { promise, ...(settle as Omit<Later<Value>, "promise">) };
}
