import { readFileSync } from "node:fs";
import { createMemoryUseStore, createPaywall, type Terms } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning } from "@l402/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";

const ajv = new Ajv2020({ strict: true, validateFormats: false });
const schemaOf = (name: string) => {
  const file = new URL(`../../docs/schemas/${name}.schema.json`, import.meta.url);
  return ajv.compile(JSON.parse(readFileSync(file, "utf8")));
};
const problem = schemaOf("problem");
const paymentRequired = schemaOf("payment-required");

const lightning = fakeLightning();
const paywall = createPaywall({
  provider: lightning.provider,
  secret: "a secret for tests, at least 32 bytes long",
  useStore: createMemoryUseStore(),
  network: "regtest",
});
const refusal = async (terms: Terms, authorization?: string) => {
  const ask = withL402(paywall, terms, () => new Response());
  const response = await ask(
    new Request("https://shop.example/a", { headers: authorization ? { authorization } : {} }),
  );
  return (await response.json()) as Record<string, unknown>;
};

it.each<Terms>([
  { price: 10 },
  { price: { msat: 1 }, uses: "unlimited", validForSeconds: 60, resource: "all", description: '🌦 "quoted"' },
  { price: 1_000_000, uses: 50 },
])("the 402 body of %o fits its schema", async (terms) => {
  const body = await refusal(terms);
  expect(paymentRequired(body), ajv.errorsText(paymentRequired.errors)).toBe(true);
  expect(problem(body), ajv.errorsText(problem.errors)).toBe(true);
});

it.each(["L402 junk", "L402 a:b", `L402 e30:${"0".repeat(64)}`])("the refusal of %s fits its schema", async (junk) => {
  const body = await refusal({ price: 10 }, junk);
  expect(body.status).toBe(401);
  expect(problem(body), ajv.errorsText(problem.errors)).toBe(true);
  expect(paymentRequired(body)).toBe(false);
});

it("the refusal of a seller whose node is down fits its schema", async () => {
  lightning.always("createInvoice", "PROVIDER_UNREACHABLE");
  const body = await refusal({ price: 10 });
  expect(body.status).toBe(503);
  expect(problem(body), ajv.errorsText(problem.errors)).toBe(true);
});
