import { createMemoryUseStore, createPaywall } from "@l402/core";
import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createLnurl } from "../src/index.ts";
import { fakeLnurl } from "./fake-lnurl.ts";

const lnurl = await fakeLnurl();
const { options, state, lightning } = lnurl;
afterAll(lnurl.close);
afterEach(lnurl.reset);

describeProvider(
  { describe, it },
  {
    name: "a Lightning Address",
    network: "regtest",
    create: () => createLnurl(options),
    settle: (invoice) => lightning.settle(invoice.paymentHash),
    expire: ({ expiresAt }) => lnurl.clock.set(new Date(expiresAt.getTime() + 150_000)),
    breakBackend: lnurl.breakBackend,
    hangBackend: lnurl.hangBackend,
    clock: lnurl.clock,
    skip: {
      "creates invoices that expire when they should": "LNURL has no expiry: it is the service's choice",
      "carries the description to the payer, or its hash": "the invoice has the hash of the service's own description",
    },
  },
);

describeBackend(
  { describe, it },
  {
    name: "a Lightning Address",
    provider: ({ url, timeoutSeconds }) =>
      createLnurl({ ...options, address: `alice@${new URL(url).host}`, timeoutSeconds }),
    providerRef: (url) => `${url}/verify/1`,
  },
);

const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
const create = (changes: object = {}) => createLnurl({ ...options, ...changes });
const bad = expect.objectContaining({ code: "PROVIDER_BAD_RESPONSE", fundsMoved: "no" });
const rejected = (hint: string) =>
  expect.objectContaining({ code: "PROVIDER_REJECTED", retryable: false, hint: expect.stringContaining(hint) });

describe("createLnurl", () => {
  it("asks for the terms once, and then once per invoice and once per look-up", async () => {
    const provider = create();
    const invoice = await provider.createInvoice(order);
    expect(state.requests).toHaveLength(2);
    await provider.createInvoice(order);
    expect(state.requests).toHaveLength(3);
    await provider.lookupInvoice(invoice);
    expect(state.requests).toHaveLength(4);
  });

  it("reads the terms again when the service refuses what it took before", async () => {
    const provider = create();
    await provider.createInvoice(order);
    Object.assign(state, { metadata: '[["text/plain","new"]]', committed: '[["text/plain","new"]]' });
    await provider.createInvoice(order);
    Object.assign(state, { callbackQuery: "?token=x%20y%2Bz" });
    await provider.createInvoice(order);
  });

  it("keeps what the callback has in its query already", async () => {
    state.callbackQuery = "?token=x%20y%2Bz";
    await create().createInvoice(order);
    expect(state.requests[1]).toMatch(/\?token=x%20y%2Bz&amount=21000$/);
  });

  it("reads an error on HTTP 200, and shows nobody its reason", async () => {
    state.wholeSats = true;
    const error = await create()
      .createInvoice({ ...order, amountMsat: 1_500 })
      .catch((thrown: unknown) => thrown);
    expect(error).toEqual(rejected("whole sats"));
    expect(JSON.stringify(error) + String(error)).not.toContain("Millisatoshi");
    await expect(createLnurl({ ...options, address: `bob@${lnurl.host}` }).createInvoice(order)).rejects.toEqual(
      rejected("Address exists"),
    );
  });

  it("asks for no amount outside of what the service takes", async () => {
    const provider = create();
    for (const amountMsat of [999, 1_000_000_001]) {
      state.requests = [];
      await expect(provider.createInvoice({ ...order, amountMsat })).rejects.toEqual(rejected("from 1000 to"));
      expect(state.requests.filter((path) => path.includes("callback"))).toEqual([]);
    }
  });

  it("takes a largest amount of more than all the money there is, which no JavaScript number holds exactly", async () => {
    for (const maxSendable of [2_100_000_000_000_000_000, Number.MAX_SAFE_INTEGER + 1]) {
      state.maxSendable = maxSendable;
      await create().createInvoice(order);
    }
  });

  it("refuses an invoice for another amount, or none", async () => {
    const { pr } = await (await fetch(`${lnurl.url}/lnurlp/alice/callback?amount=1000`)).json();
    for (const other of [pr, "lnbc1", undefined]) {
      state.trap = (kind, body) => (kind === "invoice" ? { ...body, pr: other } : body);
      await expect(create({ descriptionHash: "ignore" }).createInvoice(order)).rejects.toEqual(bad);
    }
  });

  it.each([
    ["another description", '[["text/plain","Bob"]]'],
    ["no description's hash", undefined],
  ])("refuses an invoice that commits to %s, unless told otherwise", async (_, committed) => {
    state.committed = committed;
    await expect(create().createInvoice(order)).rejects.toEqual(
      expect.objectContaining({ code: "PROVIDER_BAD_RESPONSE", hint: expect.stringContaining("descriptionHash") }),
    );
    const onWarning = vi.fn();
    await create({ descriptionHash: "warn", onWarning }).createInvoice(order);
    expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("LUD-06"));
    await create({ descriptionHash: "ignore", onWarning }).createInvoice(order);
    expect(onWarning).toHaveBeenCalledOnce();
  });

  it("warns on the console unless told where", async () => {
    state.committed = undefined;
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    await create({ descriptionHash: "warn" }).createInvoice(order);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  it.each([
    ["another tag", { tag: "withdrawRequest" }],
    ["no callback", { callback: undefined }],
    ["a callback that is no URL", { callback: "/callback" }],
    ["a callback by FTP", { callback: "ftp://example.com/" }],
    ["no metadata", { metadata: [["text/plain", "x"]] }],
    ["no limits", { maxSendable: undefined }],
  ])("refuses terms with %s", async (_, changes) => {
    state.trap = (kind, body) => (kind === "terms" ? { ...body, ...changes } : body);
    await expect(create().createInvoice(order)).rejects.toEqual(bad);
  });

  it.each([404, 405])("says to check the address where a website answers %i", async (status) => {
    const website = async () => new Response("<h1>Not here</h1>", { status, headers: { "content-type": "text/html" } });
    await expect(create({ fetch: website }).createInvoice(order)).rejects.toEqual(rejected("has no such user"));
  });

  it("follows no redirect, and says what to do", async () => {
    state.redirect = true;
    await expect(create().createInvoice(order)).rejects.toEqual(rejected("to which this one redirects"));
    expect(state.requests).toHaveLength(1);
  });

  it.each([
    ["address", { address: "alice" }],
    ["address", { address: "alice@localhost", allowPrivateHosts: false }],
    ["descriptionHash", { descriptionHash: "lax" }],
    ["preimageProvesPayment", { preimageProvesPayment: "yes" }],
    ["allowPrivateHosts", { allowPrivateHosts: 1 }],
    ["onWarning", { onWarning: "console" }],
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["fetch", { address: `alice@${"a".repeat(56)}.onion` }],
    ["adress", { adress: "alice@example.com" }],
  ])("refuses a wrong %s at once", (name, wrong) => {
    expect(() => create(wrong)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }),
    );
  });

  it("names the address in its advice, because there is no url", async () => {
    const fetch = () => Promise.reject(Object.assign(new Error(), { code: "ENOTFOUND" }));
    await expect(create({ fetch }).createInvoice(order)).rejects.toMatchObject({
      hint: "This host name does not exist. Check the spelling of the host in the Lightning Address.",
    });
  });

  it("asks an onion by plain HTTP, through a fetch that can", async () => {
    const asked: string[] = [];
    const address = `alice@${"a".repeat(56)}.onion`;
    const fetch = async (input: unknown) => {
      asked.push(String(input));
      return new Response(null, { status: 503 });
    };
    const provider = createLnurl({ address, fetch });
    await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
    expect(asked).toEqual([`http://${"a".repeat(56)}.onion/.well-known/lnurlp/alice`]);
  });
});

describe("a payment to a Lightning Address", () => {
  it("has to be confirmed by the service, unless it is known to keep preimages to itself", () => {
    expect(create().preimageProvesPayment).toBe(false);
    expect(create({ preimageProvesPayment: true }).preimageProvesPayment).toBe(true);
  });

  it("opens nothing before the service confirms it, whoever knows the preimage, and then does", async () => {
    const paywall = createPaywall({
      provider: create(),
      secret: "a secret of at least thirty-two bytes",
      useStore: createMemoryUseStore({ clock: lnurl.clock }),
      network: "regtest",
      clock: lnurl.clock,
    });
    const ask = (authorization: string | null) =>
      paywall.check(
        { method: "GET", path: "/tea", header: (name) => (name === "authorization" ? authorization : null) },
        { price: 21 },
      );
    const challenge = await ask(null);
    if (challenge.outcome !== "denied") throw new Error("It must not be free.");
    const { token, paymentHash } = JSON.parse(challenge.reply.body) as Record<string, string>;
    // As LNbits does it behind a Lightning Address: the preimage is public, and nobody has paid.
    const credential = `L402 ${token}:${lightning.settle(paymentHash as string)}`;
    state.trap = (kind, body) => (kind === "verify" ? { ...body, settled: false, preimage: null } : body);
    const unpaid = await ask(credential);
    expect(unpaid.outcome === "denied" && unpaid.error.code).toBe("CREDENTIAL_NOT_SETTLED");
    lnurl.clock.advanceSeconds(1); // the paywall asks once a second
    state.trap = undefined;
    expect((await ask(credential)).outcome).toBe("granted");
  });

  it("is confirmed after the seller has moved to an address elsewhere", async () => {
    const moved = await fakeLnurl();
    const before = await create().createInvoice(order);
    const preimage = lightning.settle(before.paymentHash);
    expect(await createLnurl(moved.options).lookupInvoice(before)).toEqual({ status: "settled", preimage });
    moved.close();
  });

  it("has a reference that fits into a token, and works after a restart", async () => {
    state.suffix = `?session=${"s".repeat(90)}`;
    const invoice = await create().createInvoice(order);
    expect(invoice.providerRef).toBe(`/lnurlp/alice/verify/<>${state.suffix}`);
    const preimage = lightning.settle(invoice.paymentHash);
    expect(await create().lookupInvoice(invoice)).toEqual({ status: "settled", preimage });
  });

  it("sells nothing that it could not confirm later", async () => {
    state.hasVerify = false;
    await expect(create().createInvoice(order)).rejects.toEqual(rejected("preimageProvesPayment"));
    state.hasVerify = true;
    state.suffix = `?session=${"s".repeat(200)}`;
    await expect(create().createInvoice(order)).rejects.toEqual(rejected("preimageProvesPayment"));
    state.suffix = "";
    for (const verify of ["not a URL", "https://user:password@example.com/", "file:///etc/passwd", 7, ""]) {
      state.trap = (kind, body) => (kind === "invoice" ? { ...body, verify } : body);
      await expect(create().createInvoice(order)).rejects.toEqual(rejected("preimageProvesPayment"));
    }
  });

  it("is sold without LUD-21 where a preimage proves it, and says then that it cannot be looked up", async () => {
    state.hasVerify = false;
    const provider = create({ preimageProvesPayment: true });
    const invoice = await provider.createInvoice(order);
    expect(invoice).not.toHaveProperty("providerRef");
    await expect(provider.lookupInvoice(invoice)).rejects.toEqual(rejected("LUD-21"));
  });

  it("does not have the state of another payment", async () => {
    const provider = create();
    const [mine, paid] = [await provider.createInvoice(order), await provider.createInvoice(order)];
    lightning.settle(paid.paymentHash);
    const { pr } = await (await fetch(`${lnurl.url}/lnurlp/alice/verify/${paid.paymentHash}`)).json();
    const answers = [{ pr }, { pr: pr.toUpperCase() }, { pr: undefined }, { pr: "lnbc1" }, { settled: "true" }];
    for (const changes of answers) {
      state.trap = (kind, body) => (kind === "verify" ? { ...body, settled: true, ...changes } : body);
      await expect(provider.lookupInvoice(mine)).rejects.toEqual(bad);
    }
    state.trap = undefined;
    const providerRef = `${lnurl.url}/lnurlp/alice/verify/${paid.paymentHash}`;
    await expect(provider.lookupInvoice({ paymentHash: mine.paymentHash, providerRef })).rejects.toEqual(bad);
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["an empty text", ""],
    ["null", null],
    ["another one", "ab".repeat(32)],
    ["no text", 7],
  ])("is settled without a preimage where that is %s", async (_, preimage) => {
    const provider = create();
    const invoice = await provider.createInvoice(order);
    state.trap = (kind, body) => (kind === "verify" ? { ...body, settled: true, preimage } : body);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "settled" });
  });

  it("is not made by a preimage that the service shows before", async () => {
    const provider = create();
    const invoice = await provider.createInvoice(order);
    const preimage = lightning.settle(invoice.paymentHash);
    state.trap = (kind, body) => (kind === "verify" ? { ...body, settled: false, preimage } : body);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
  });

  it("still counts where the service confirms a payment in the last second only later", async () => {
    const provider = create();
    const invoice = await provider.createInvoice(order);
    lightning.settle(invoice.paymentHash);
    state.trap = (kind, body) => (kind === "verify" ? { ...body, settled: false, preimage: null } : body);
    lnurl.clock.set(new Date(invoice.expiresAt.getTime() + 149_000));
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    lnurl.clock.advanceSeconds(1);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "expired" });
    state.trap = undefined;
    expect(await provider.lookupInvoice(invoice)).toMatchObject({ status: "settled" });
  });

  it("is over when its time is, also where the service says so as an error", async () => {
    const provider = create();
    const invoice = await provider.createInvoice(order);
    state.trap = (kind, body) => (kind === "verify" ? { status: "ERROR", reason: "Invoice expired." } : body);
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "expired" });
    state.trap = (kind, body) => (kind === "verify" ? { status: "ERROR", reason: "Not found" } : body);
    await expect(provider.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });
});
