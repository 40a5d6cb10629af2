import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openApiDocument } from "../../src/http/openapi/openapi-document.ts";
import { newKey, type Served, serve } from "./served.ts";

// Whatever is sent: the answer is one of the document (`ask` compares them), and never an internal error; and no money moves.

let served: Served;
let keys: Awaited<ReturnType<Served["signUp"]>>;
beforeAll(async () => {
  served = await serve({ requestsPerSecond: 1_000_000 });
  keys = await served.signUp("fuzzed");
  await served.earn(keys.apiKey, 1_000_000);
});
afterAll(() => served.close());

const operations = Object.entries(openApiDocument.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
);

const word = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "lnbcrt1",
    "=1+1",
    "a@b",
    "' or 1=1 --",
    "\u0000",
    "\ud800",
    "ab".repeat(32),
  ),
);
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), word, fc.integer(), fc.double());
const body = fc.oneof(
  fc.record(
    {
      amountMsat: fc.oneof(fc.integer({ min: -5, max: 5_000_000 }), value),
      description: value,
      expiresInSeconds: value,
      lightningAddress: value,
      bolt11: value,
      maxFeeMsat: value,
      amountSats: value,
      ownerAddress: value,
      mode: value,
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);

const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, "");

it("answers every request by the document, and moves nothing", async () => {
  const before = (await served.ask("/v1/balance", { key: keys.apiKey })).body;
  const request = fc.record({
    operation: fc.constantFrom(...operations),
    segment: word,
    query: fc.option(word),
    body: fc.option(
      fc.oneof(
        body.map((each) => JSON.stringify(each)),
        fc.string({ maxLength: 40 }),
      ),
    ),
    key: fc.constantFrom(keys.apiKey, keys.ownerKey, undefined, "l402m_", "x".repeat(49)),
    idempotencyKey: fc.constantFrom(undefined, "1", "again", newKey()),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ operation, segment, query, body: text, key, idempotencyKey }) => {
      const path = operation.path.replace(/\{\w+\}/, encodeURIComponent(wellFormed(segment)) || "x");
      const search = query === null ? "" : `?after=${encodeURIComponent(wellFormed(query))}&limit=7`;
      const { status } = await served.ask(`${path}${search}`, {
        method: operation.method,
        ...(key !== undefined && { key }),
        ...(text !== null && operation.method !== "GET" && { body: text }),
        ...(idempotencyKey !== undefined && { headers: { "idempotency-key": idempotencyKey } }),
      });
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 200 },
  );
  expect(served.errors).toEqual([]);
  expect((await served.ask("/v1/balance", { key: keys.apiKey })).body).toEqual(before);
  expect(await served.service.solvency.audit()).toEqual([]);
}, 60_000);
