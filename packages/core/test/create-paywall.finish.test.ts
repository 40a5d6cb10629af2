import { describe, expect, it } from "vitest";
import type { RequestEnd } from "../src/index.ts";
import { denied, granted, openShop, request } from "./shop.ts";

const terms = { price: 10 };

/** A request that was granted, and a way to ask the same again. */
async function openRequest(method: string) {
  const { paywall, buy, events } = openShop();
  // A HEAD request brings the token of a GET.
  const authorization = await buy("/a", terms, { method: method === "HEAD" ? "GET" : method });
  const ask = () => paywall.check(request("/a", { method, authorization }), terms);
  return { ...granted(await ask()), ask, events };
}

const READING = ["GET", "HEAD"];
const CHANGING = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "TARGET"];
const withEnds = (methods: readonly string[], ...ends: RequestEnd[]) =>
  methods.flatMap((method) => ends.map((end) => [method, end] as const));

describe("a request that is over", () => {
  it.each([
    ...withEnds([...READING, ...CHANGING], 101, 200, 302, 404, 499),
    ...withEnds(CHANGING, "left"),
    // Callers without types.
    ...withEnds(READING, Number.NaN, "whatever" as "left", undefined as never),
  ])("keeps the use of a %s that ended with %s", async (method, end) => {
    const { finish, ask, events } = await openRequest(method);
    await finish(end);
    expect(events.at(-1)?.type).toBe("granted");
    denied(await ask(), "CREDENTIAL_USED_UP");
  });

  it.each([...withEnds([...READING, ...CHANGING], 500, 503, "unserved"), ...withEnds(READING, "left")])(
    "gives back the use of a %s that ended with %s",
    async (method, end) => {
      const { finish, ask, events } = await openRequest(method);
      await finish(end);
      expect(events.at(-1)?.type).toBe("released");
      granted(await ask());
      denied(await ask(), "CREDENTIAL_USED_UP");
    },
  );

  it("goes by what was said first", async () => {
    const served = await openRequest("GET");
    await served.finish(200);
    await served.finish(500);
    await served.finish("unserved");
    denied(await served.ask(), "CREDENTIAL_USED_UP");

    const failed = await openRequest("GET");
    await Promise.all([failed.finish(500), failed.finish(200), failed.finish(500)]);
    expect(failed.events.filter(({ type }) => type === "released")).toHaveLength(1);
  });
});
