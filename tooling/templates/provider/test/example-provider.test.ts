import { describeProvider } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createExample } from "../src/index.ts";
import { fakeExample } from "./fake-example.ts";

const apiKey = "an API key that no error shows";
const backend = await fakeExample();
const options = { url: backend.url, apiKey };
afterAll(backend.close);

describeProvider(
  { describe, it },
  {
    name: "Example",
    network: "regtest",
    create: () => createExample(options),
    settle: (invoice) => backend.lightning.settle(invoice.paymentHash),
    expire: (invoice) => backend.clock.set(invoice.expiresAt),
    breakBackend: backend.breakBackend,
    hangBackend: backend.hangBackend,
    clock: backend.clock,
    secrets: [apiKey],
  },
);

describe("createExample", () => {
  it.each([
    ["url", { ...options, url: "" }],
    ["apiKey", { ...options, apiKey: "" }],
  ])("refuses a missing %s", (option, incomplete) => {
    expect(() => createExample(incomplete)).toThrow(option);
  });
});
