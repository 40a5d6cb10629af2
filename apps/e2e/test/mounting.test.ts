import { createMemoryUseStore, createPaywall, type Paywall, type Terms } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { l402 as expressL402 } from "@l402/express";
import { l402 as fastifyL402 } from "@l402/fastify";
import { l402 as honoL402 } from "@l402/hono";
import { withL402 as nextL402 } from "@l402/next";
import { fakeLightning } from "@l402/testing";
import { describe, expect, it } from "vitest";

const paywall = createPaywall({
  provider: fakeLightning().provider,
  secret: "a secret for tests, at least 32 bytes long",
  useStore: createMemoryUseStore(),
  network: "regtest",
});
const handler = () => new Response();

describe.each<[string, (paywall: Paywall, terms: Terms) => unknown]>([
  ["Express", expressL402],
  ["Fastify", fastifyL402],
  ["Hono", honoL402],
  ["Next", (paywall, terms) => nextL402(paywall, terms, handler)],
  ["fetch handlers", (paywall, terms) => withL402(paywall, terms, handler)],
])("the adapter for %s fails when it is mounted, not at the first request,", (_, mount) => {
  it("without a paywall", () => {
    const error = expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("paywall") });
    expect(() => mount(undefined as unknown as Paywall, { price: 10 })).toThrow(error);
    expect(() => mount({} as Paywall, { price: 10 })).toThrow(error);
  });

  it.each([undefined, {}, { price: Number.NaN }, { price: 0 }, { price: 10, use: 5 }])(
    "with impossible terms: %o",
    (terms) => {
      expect(() => mount(paywall, terms as Terms)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    },
  );

  it("and not with good ones", () => {
    expect(mount(paywall, { price: 10 })).toBeTypeOf("function");
  });
});

it.each([nextL402, withL402])(
  "withL402 fails when it is mounted, not when somebody has paid, without a handler",
  (mount) => {
    const error = expect.objectContaining({ code: "CONFIG_INVALID", message: "withL402: handler must be a function." });
    expect(() => mount(paywall, { price: 10 }, undefined as never)).toThrow(error);
  },
);
