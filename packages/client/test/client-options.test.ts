import { describe, expect, it } from "vitest";
import { createL402Client, type L402ClientOptions } from "../src/index.ts";
import { openShop } from "./shop.ts";

const { lightning } = openShop();
const { wallet } = lightning;

describe("an option that cannot be right is refused when the client is made:", () => {
  it.each<[string, unknown]>([
    ["wallet", { wallet: undefined }],
    ["wallet", { wallet: {} }],
    ["wallet", { wallet: { payInvoice() {} } }],
    ["wallet", { wallet: lightning.provider }],
    ["network", { network: "mainnet" }],
    ["maxFeeSats", { maxFeeSats: -1 }],
    ["maxFeeSats", { maxFeeSats: 0.5 }],
    ["paymentTimeoutSeconds", { paymentTimeoutSeconds: 0 }],
    ["paymentTimeoutSeconds", { paymentTimeoutSeconds: 601 }],
    ["paymentTimeoutSeconds", { paymentTimeoutSeconds: "60" as never }],
    ["store", { store: {} }],
    ["store", { store: null }],
    ["insecureOrigins", { insecureOrigins: "http://a.example" }],
    ["insecureOrigins", { insecureOrigins: ["http://a.example/"] }],
    ["insecureOrigins", { insecureOrigins: ["a.example"] }],
    ["approve", { approve: true }],
    ["checkInvoice", { checkInvoice: {} }],
    ["onPayment", { onPayment: "log" }],
    ["fetch", { fetch: {} }],
    ["clock", { clock: 5 }],
    ["budget", { budget: { perRequest: 5 } }],
    ["onpayment", { onpayment: () => {} }],
  ])("%s %j", (name, options) => {
    expect(() => createL402Client({ wallet, ...(options as object) } as L402ClientOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }),
    );
  });

  it("no options at all", () => {
    expect(() => createL402Client(undefined as never)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("createL402Client takes an object. Its options: wallet, "),
      }),
    );
    expect(() => createL402Client({} as never)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message:
          "createL402Client: wallet is missing or a provider. It must be a wallet such as createAlbyWallet({ url }).",
      }),
    );
  });

  it("and nothing happens while one is made", () => {
    createL402Client({ wallet });
    expect(lightning.calls).toMatchObject({ payInvoice: 0, lookupPayment: 0 });
  });
});
