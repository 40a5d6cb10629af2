import { afterAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../packages/backend/test/certificates.ts";
import { serve } from "../../packages/backend/test/loopback-server.ts";
import { createBtcpay, createBtcpayWallet } from "../../packages/providers/btcpay/src/index.ts";
import { createCln, createClnWallet } from "../../packages/providers/cln/src/index.ts";
import { createLnbits, createLnbitsWallet } from "../../packages/providers/lnbits/src/index.ts";
import { createLnd, createLndWallet } from "../../packages/providers/lnd/src/index.ts";
import { createPhoenixd, createPhoenixdWallet } from "../../packages/providers/phoenixd/src/index.ts";

// What a pinned certificate does is tested in packages/backend. Here: that every provider and wallet passes it on.
const own = selfSigned("IP:127.0.0.1");
const other = selfSigned("IP:127.0.0.1");
let asked = 0;
const server = await serve((_request, response) => {
  asked++;
  response.writeHead(401, { "content-type": "application/json" }).end("{}");
}, own);
afterAll(() => server[Symbol.asyncDispose]());

interface Tls {
  tlsCert?: string;
  skipTlsVerify?: boolean;
}
const { url } = server;
const paymentHash = "ab".repeat(32);
const lookups: [name: string, lookUp: (tls: Tls) => Promise<unknown>, hasSkip?: boolean][] = [
  ["LND", (tls) => createLnd({ url, macaroon: "ab".repeat(40), ...tls }).lookupInvoice({ paymentHash }), true],
  [
    "an LND wallet",
    (tls) => createLndWallet({ url, macaroon: "ab".repeat(40), ...tls }).lookupPayment(paymentHash),
    true,
  ],
  ["CLN", (tls) => createCln({ url, rune: "r".repeat(46), ...tls }).lookupInvoice({ paymentHash }), true],
  ["a CLN wallet", (tls) => createClnWallet({ url, rune: "r".repeat(46), ...tls }).lookupPayment(paymentHash), true],
  [
    "BTCPay",
    (tls) => createBtcpay({ url, storeId: "S", apiKey: "k".repeat(40), ...tls }).lookupInvoice({ paymentHash }),
  ],
  [
    "a BTCPay wallet",
    (tls) => createBtcpayWallet({ url, storeId: "S", apiKey: "k".repeat(40), ...tls }).lookupPayment(paymentHash),
  ],
  ["LNbits", (tls) => createLnbits({ url, invoiceKey: "k".repeat(32), ...tls }).lookupInvoice({ paymentHash })],
  [
    "an LNbits wallet",
    (tls) => createLnbitsWallet({ url, adminKey: "k".repeat(32), ...tls }).lookupPayment(paymentHash),
  ],
  ["phoenixd", (tls) => createPhoenixd({ url, password: "p".repeat(32), ...tls }).lookupInvoice({ paymentHash })],
  [
    "a phoenixd wallet",
    (tls) => createPhoenixdWallet({ url, password: "p".repeat(32), ...tls }).lookupPayment(paymentHash),
  ],
];

describe.each(lookups)("%s with a certificate of its own", (_, lookUp, hasSkip = false) => {
  it("is trusted by it, and by nothing else", async () => {
    asked = 0;
    await expect(lookUp({})).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      hint: expect.stringContaining("tlsCert"),
    });
    await expect(lookUp({ tlsCert: other.cert })).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
    // The key has not been shown to anybody.
    expect(asked).toBe(0);
    await expect(lookUp({ tlsCert: own.cert })).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
    expect(asked).toBe(1);
  });

  it("can be trusted blindly only where that is offered, and only there", async () => {
    if (!hasSkip) {
      expect(() => lookUp({ skipTlsVerify: true })).toThrow(/skipTlsVerify/);
      return;
    }
    await expect(lookUp({ skipTlsVerify: true })).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED" });
    await expect(lookUp({})).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
    await expect(fetch(url)).rejects.toThrow();
  });
});
