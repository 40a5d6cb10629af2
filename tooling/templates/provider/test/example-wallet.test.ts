import { describeWallet } from "@l402/testing";
import { afterAll, describe, it } from "vitest";
import { createExampleWallet } from "../src/index.ts";
import { fakeExample } from "./fake-example.ts";

const apiKey = "an API key that no error shows";
const backend = await fakeExample();
afterAll(backend.close);

describeWallet(
  { describe, it },
  {
    name: "Example",
    create: () => createExampleWallet({ url: backend.url, apiKey }),
    invoice: ({ amountMsat }) => newInvoice(amountMsat),
    // Give the other hooks too: expired, amountless and costly invoices, an answer that is lost, an order that is late.
    breakBackend: backend.breakBackend,
    hangBackend: backend.hangBackend,
    secrets: [apiKey],
  },
);

async function newInvoice(amountMsat: number): Promise<string> {
  const order = { amountMsat, description: "for a test", expiresInSeconds: 600 };
  return (await backend.lightning.provider.createInvoice(order)).bolt11;
}
