import { createHash } from "node:crypto";
import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createPhoenixd } from "../src/index.ts";
import { FULL_PASSWORD, fakePhoenixd, LIMITED_PASSWORD } from "./fake-phoenixd.ts";

const phoenixd = await fakePhoenixd();
afterAll(phoenixd.close);

const options = { url: phoenixd.url, password: LIMITED_PASSWORD };
const secrets = [LIMITED_PASSWORD, btoa(`:${LIMITED_PASSWORD}`)];
const ORDER = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };

describeProvider(
  { describe, it },
  {
    name: "phoenixd",
    network: "regtest",
    create: () => createPhoenixd(options),
    settle: ({ paymentHash }) => phoenixd.settle(paymentHash),
    expire: ({ expiresAt }) => phoenixd.clock.set(new Date(expiresAt.getTime() + 1)),
    breakBackend: phoenixd.breakBackend,
    hangBackend: phoenixd.hangBackend,
    clock: phoenixd.clock,
    secrets,
  },
);

describeBackend(
  { describe, it },
  {
    name: "createPhoenixd",
    provider: ({ url, timeoutSeconds }) => createPhoenixd({ ...options, url, timeoutSeconds }),
    secrets,
  },
);

describe("createPhoenixd", () => {
  const provider = createPhoenixd(options);
  const lastForm = () => Object.fromEntries(new URLSearchParams(phoenixd.exchanges.at(-1)?.body));

  it.each([
    ["url", { url: "127.0.0.1:9740" }],
    ["url", { url: "http://phoenix.example.com:9740" }],
    ["url", { url: `http://:${LIMITED_PASSWORD}@127.0.0.1:9740` }],
    ["password", { password: "" }],
    ["password", { password: "two words" }],
    ["timeoutSeconds", { timeoutSeconds: -1 }],
    ["tlsCert", { tlsCert: "/etc/tls.cert" }],
    ["pasword", { pasword: LIMITED_PASSWORD }],
  ])("refuses a wrong %s at once, names it and does not show the password", (name, wrong) => {
    const act = () => createPhoenixd({ ...options, ...wrong });
    const message = expect.stringContaining(name);
    expect(act).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message }));
    expect(act).not.toThrow(LIMITED_PASSWORD);
  });

  it("asks this computer unless it is told otherwise", async () => {
    const asked: string[] = [];
    const fetch = async (url: unknown) => {
      asked.push(String(url));
      return Response.json({});
    };
    await expect(createPhoenixd({ password: LIMITED_PASSWORD, fetch }).createInvoice(ORDER)).rejects.toMatchObject({
      code: "PROVIDER_BAD_RESPONSE",
    });
    expect(asked).toEqual(["http://127.0.0.1:9740/createinvoice"]);
  });

  it("creates and looks up with one request each, the order as a form", async () => {
    const before = phoenixd.exchanges.length;
    const invoice = await provider.createInvoice(ORDER);
    expect(lastForm()).toEqual({ amountSat: "21", description: "tea", expirySeconds: "600" });
    await provider.lookupInvoice(invoice);
    const asked = phoenixd.exchanges.slice(before).map(({ method, path }) => `${method} ${path}`);
    expect(asked).toEqual(["POST /createinvoice", `GET /payments/incoming/${invoice.paymentHash}`]);
  });

  it("sends the hash of a description that is longer than 128 characters", async () => {
    await provider.createInvoice({ ...ORDER, description: "x".repeat(128) });
    expect(lastForm()).toHaveProperty("description", "x".repeat(128));
    const description = "ü".repeat(129);
    await provider.createInvoice({ ...ORDER, description });
    const descriptionHash = createHash("sha256").update(description).digest("hex");
    expect(lastForm()).toEqual({ amountSat: "21", descriptionHash, expirySeconds: "600" });
  });

  it("works with the full password too", async () => {
    const full = createPhoenixd({ ...options, password: FULL_PASSWORD });
    await expect(full.createInvoice(ORDER)).resolves.toMatchObject({ amountMsat: 21_000 });
  });

  it("hands out no preimage before the payment, which phoenixd does", async () => {
    const invoice = await provider.createInvoice(ORDER);
    const state = await provider.lookupInvoice(invoice);
    expect(phoenixd.exchanges.at(-1)?.reply.body).toMatchObject({ isPaid: false, preimage: expect.any(String) });
    expect(state).toEqual({ status: "open" });
    const preimage = phoenixd.settle(invoice.paymentHash);
    const settledAt = phoenixd.clock();
    expect(await provider.lookupInvoice(invoice)).toEqual({
      status: "settled",
      preimage,
      settledAt,
      receivedMsat: 16_000,
    });
  });

  it("calls an invoice settled of which a liquidity fee took everything, and says that nothing arrived", async () => {
    const { paymentHash } = await provider.createInvoice({ ...ORDER, amountMsat: 3_000 });
    phoenixd.settle(paymentHash);
    expect(await provider.lookupInvoice({ paymentHash })).toMatchObject({ status: "settled", receivedMsat: 0 });
    expect(phoenixd.exchanges.at(-1)?.reply.body).toMatchObject({ requestedSat: 3, receivedSat: 0 });
  });

  it("calls a paid invoice settled, also after its time", async () => {
    const { paymentHash } = await provider.createInvoice(ORDER);
    phoenixd.settle(paymentHash);
    phoenixd.clock.advanceSeconds(601);
    expect((await provider.lookupInvoice({ paymentHash })).status).toBe("settled");
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["nothing", ""],
    ["null", null],
    ["another", "ab".repeat(32)],
  ])("settles without a preimage where phoenixd has %s for it", async (_, preimage) => {
    const paymentHash = "cd".repeat(32);
    phoenixd.answerNext("/incoming/", 200, { paymentHash, isPaid: true, isExpired: false, preimage });
    expect(await provider.lookupInvoice({ paymentHash })).toEqual({ status: "settled" });
  });

  it("believes nothing that is about another payment", async () => {
    phoenixd.answerNext("/incoming/", 200, { paymentHash: "ab".repeat(32), isPaid: true, isExpired: false });
    const lookup = provider.lookupInvoice({ paymentHash: "cd".repeat(32) });
    await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it.each([
    ["true", 1],
    ["a text", "true"],
    ["nothing", undefined],
  ])("does not take %s for paid", async (_, isPaid) => {
    const paymentHash = "cd".repeat(32);
    phoenixd.answerNext("/incoming/", 200, { paymentHash, isPaid, isExpired: false });
    const lookup = provider.lookupInvoice({ paymentHash });
    await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("tells an unknown invoice from a wrong path", async () => {
    const ref = { paymentHash: "cd".repeat(32) };
    await expect(provider.lookupInvoice(ref)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    const astray = createPhoenixd({ ...options, url: `${phoenixd.url}/api` }).lookupInvoice(ref);
    await expect(astray).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });

  it("refuses an invoice for any amount", async () => {
    phoenixd.lightning.next("createInvoice", "amountless");
    await expect(provider.createInvoice(ORDER)).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });
});
