import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ask, newKey, type Served, serve } from "./served.ts";

let served: Served;
let apiKey: string;
let ownerKey: string;
beforeAll(async () => {
  served = await serve({ maxInvoiceMsat: 1_000_000_000 });
  ({ apiKey, ownerKey } = await served.signUp());
});
afterAll(() => served.close());

const MISSING = "l402m_".padEnd(49, "x");
const order = { amountMsat: 1_000 };

/** What is in the books: nothing of what is refused below may change it. */
const books = async () => {
  const [row] = await served.database.query<object>(
    `select (select count(*)::int from managed.transactions) transactions, (select count(*)::int from managed.payouts) payouts,
      (select count(*)::int from managed.invoices) invoices, (select count(*)::int from managed.merchants) merchants`,
  );
  return row;
};

async function refused(path: string, ask: Ask, status: number, code: string, detail: RegExp) {
  const before = await books();
  const answer = await served.ask(path, ask);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.body.detail).toMatch(detail);
  expect(await books()).toEqual(before);
  return answer;
}

describe("an invoice is refused for", () => {
  it.each<[string, unknown, string, RegExp]>([
    ["nothing", 0, "AMOUNT_INVALID", /whole number from 1/],
    ["less than nothing", -1_000, "AMOUNT_INVALID", /whole number from 1/],
    ["a fraction", 1_000.5, "AMOUNT_INVALID", /whole number/],
    ["more than is exact", 2 ** 53, "AMOUNT_INVALID", /whole number/],
    ["more than there is", 1e300, "AMOUNT_INVALID", /whole number/],
    ["more than this service takes", 1_000_000_001, "AMOUNT_INVALID", /from 1 to 1000000000/],
    ["a text", "1000", "BODY_INVALID", /amountMsat must be a number/],
    ["null", null, "BODY_INVALID", /amountMsat must be a number/],
    ["a list", [1_000], "BODY_INVALID", /amountMsat must be a number/],
    ["true", true, "BODY_INVALID", /amountMsat must be a number/],
  ])("%s", async (_, amountMsat, code, detail) => {
    const status = code === "AMOUNT_INVALID" ? 422 : 400;
    await refused("/v1/invoices", { key: apiKey, json: { amountMsat } }, status, code, detail);
  });

  it.each<[string, unknown]>([
    ["nothing", 0],
    ["less than nothing", -1],
    ["a fraction", 0.5],
    ["more than is exact", 2 ** 53],
  ])("%s in sats, in the compatible way", async (_, amountSats) => {
    const json = { amountSats, ownerAddress: served.payees.address("dora") };
    await refused("/api/invoice", { json }, 422, "AMOUNT_INVALID", /amountSats must be a whole number/);
  });
});

describe("a body is refused that", () => {
  it.each<[string, string, RegExp]>([
    ["is empty", "", /not JSON/],
    ["is not JSON", "amountMsat=1000", /not JSON/],
    ["is half", '{"amountMsat":1', /not JSON/],
    ["is a list", "[1]", /not a JSON object/],
    ["is null", "null", /not a JSON object/],
    ["is a number", "1000", /not a JSON object/],
    [
      "has a field that there is not",
      '{"amountMsat":1000,"amountmsat":1}',
      /The field "amountmsat" does not exist\. Allowed fields: amountMsat/,
    ],
    [
      "names an address beside a key",
      '{"amountMsat":1000,"lightningAddress":"a@b.c"}',
      /The field "lightningAddress" does not exist/,
    ],
    ["would change a prototype", '{"amountMsat":1000,"__proto__":{"x":1}}', /The field "__proto__" does not exist/],
    ["has a description that is none", '{"amountMsat":1000,"description":7}', /description must be a string/],
    ["has a description that is too long", `{"amountMsat":1000,"description":"${"ü".repeat(320)}"}`, /longer than 639/],
    ["has a zero byte", '{"amountMsat":1000,"description":"a\\u0000b"}', /characters that are not valid/],
    ["has half a character", '{"amountMsat":1000,"description":"\\ud800"}', /characters that are not valid/],
    ["expires before it can be paid", '{"amountMsat":1000,"expiresInSeconds":9}', /from 10 to 604800/],
    ["never expires", '{"amountMsat":1000,"expiresInSeconds":604801}', /from 10 to 604800/],
  ])("%s", async (_, body, detail) => {
    await refused("/v1/invoices", { key: apiKey, body }, 400, "BODY_INVALID", detail);
  });

  it("is none of UTF-8, and changes nothing", async () => {
    const body = Buffer.from('{"amountMsat":1000,"description":"\xff\xfe"}', "latin1");
    const { status, body: made } = await served.ask("/v1/invoices", { key: apiKey, body });
    // Each wrong byte is read as a character of its own; that is the sender's description then.
    expect([status, made.amountMsat]).toEqual([201, 1_000]);
  });
});

describe("an address is refused that", () => {
  it.each([
    ["is no address", "anna"],
    ["is two", "a@b@example.com"],
    ["is empty", ""],
    ["has a path", "anna@example.com/../admin"],
    ["has a port and a user", "anna:b@example.com"],
    ["has line breaks", "anna@exam\nple.com"],
    ["is a script", "<script>@example.com"],
    ["is a formula", "=HYPERLINK(1)@example.com"],
    ["is enormous", `${"a".repeat(310)}@example.com`],
  ])("%s", async (_, lightningAddress) => {
    const [status, code] = lightningAddress.length > 320 ? [400, "BODY_INVALID"] : [422, "ADDRESS_INVALID"];
    for (const path of ["/v1/merchants", "/v1/merchant/address"]) {
      const ask = path === "/v1/merchants" ? {} : { method: "PUT", key: ownerKey };
      await refused(path, { ...ask, json: { lightningAddress } }, status as number, code as string, /./);
    }
  });

  it("answers something else than LNURL", async () => {
    const lies: [string, (honest: Record<string, unknown>) => unknown][] = [
      ["another tag", (honest) => ({ ...honest, tag: "withdrawRequest" })],
      ["no callback", ({ callback: _, ...rest }) => rest],
      ["a callback elsewhere inside", (honest) => ({ ...honest, callback: "gopher://127.0.0.1:25/" })],
      ["nothing", () => null],
      ["a list", () => []],
    ];
    for (const [name, terms] of lies) {
      const user = `liar-${name.replaceAll(" ", "-")}`;
      served.payees.user(user).terms = terms;
      const json = { lightningAddress: served.payees.address(user) };
      await refused("/v1/merchants", { json }, 422, "ADDRESS_INVALID", /The service got no invoice from/);
    }
  });

  it("is down, or answers an error", async () => {
    served.payees.user("sleeper").isDown = true;
    const json = { lightningAddress: served.payees.address("sleeper") };
    await refused("/v1/merchants", { json }, 422, "ADDRESS_INVALID", /The service got no invoice from/);
  });
});

describe("a key is refused that", () => {
  it.each<[string, Record<string, string>, string, RegExp]>([
    ["is missing", {}, "KEY_MISSING", /Authorization: Bearer/],
    ["belongs to nobody", { authorization: `Bearer ${MISSING}` }, "KEY_WRONG", /does not belong to any account/],
    ["is too short", { authorization: "Bearer l402m_abc" }, "KEY_WRONG", /copied all of it/],
    ["is a password", { authorization: `Basic ${btoa(`:${MISSING}`)}` }, "KEY_WRONG", /Bearer/],
    ["has nothing in it", { authorization: "Bearer" }, "KEY_WRONG", /Bearer/],
    ["comes twice", { authorization: `Bearer ${MISSING}, Bearer ${MISSING}` }, "KEY_WRONG", /Bearer/],
  ])("%s", async (_, headers, code, detail) => {
    for (const path of ["/v1/balance", "/v1/statement.csv", "/v1/merchant"]) {
      const { headers: answered } = await refused(path, { headers }, 401, code, detail);
      expect(answered.get("www-authenticate")).toBe("Bearer");
    }
  });

  it("and so is an invoice for nobody", async () => {
    await refused("/v1/invoices", { json: order }, 401, "KEY_MISSING", /or set lightningAddress/);
  });
});

describe("an Idempotency-Key", () => {
  it("gives the same invoice for the same body, and is refused with another", async () => {
    const headers = { "idempotency-key": newKey() };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => served.ask("/v1/invoices", { key: apiKey, json: order, headers })),
    );
    expect(new Set(answers.map(({ body }) => body.bolt11)).size).toBe(1);
    await refused(
      "/v1/invoices",
      { key: apiKey, json: { amountMsat: 2_000 }, headers },
      422,
      "IDEMPOTENCY_KEY_REUSED",
      /new key/,
    );
  });

  it.each([
    ["with spaces", "a b"],
    ["that is empty", ""],
    ["that is too long", "x".repeat(256)],
  ])("%s is refused", async (_, key) => {
    const ask = { key: apiKey, json: order, headers: { "idempotency-key": key } };
    await refused("/v1/invoices", ask, 400, "IDEMPOTENCY_KEY_MISSING", /1 to 255/);
  });

  it("is needed to withdraw", async () => {
    const ask = { key: ownerKey, json: { bolt11: "lnbc1" } };
    await refused("/v1/withdrawals", ask, 400, "IDEMPOTENCY_KEY_MISSING", /pays only once/);
  });
});

describe("a withdrawal is refused of", () => {
  const invoiceOf = async (amountMsat: number) =>
    (await served.outside.provider.createInvoice({ amountMsat, description: "", expiresInSeconds: 600 })).bolt11;
  const withdraw = (json: object, status: number, code: string, detail: RegExp) =>
    refused("/v1/withdrawals", { key: ownerKey, json, headers: { "idempotency-key": newKey() } }, status, code, detail);

  it("what is no invoice", async () => {
    for (const bolt11 of ["", "lnbc", "anna@example.com", "=1+1", "lnbcrt1".padEnd(400, "q")]) {
      await withdraw({ bolt11 }, 422, "INVOICE_INVALID", /not a valid BOLT11/);
    }
  });
  it("more than there is", async () => {
    await withdraw({ bolt11: await invoiceOf(1_000_000) }, 409, "BALANCE_TOO_LOW", /exceed the available balance/);
  });
  it("a fee limit that is none", async () => {
    const bolt11 = await invoiceOf(1_000);
    for (const maxFeeMsat of [-1, 0.5, 2 ** 60]) {
      await withdraw({ bolt11, maxFeeMsat }, 422, "AMOUNT_INVALID", /maxFeeMsat must be a whole number/);
    }
  });
  it("an invoice of the service itself, for it would go in a circle", async () => {
    const { body } = await served.ask("/v1/invoices", { key: apiKey, json: order });
    await withdraw({ bolt11: body.bolt11 }, 422, "INVOICE_INVALID", /created by this service itself/);
  });
  it("everything, while payouts are paused", async () => {
    await served.service.switches.turnOn("payouts_paused", "The node is being moved.");
    const { headers } = await withdraw({ bolt11: await invoiceOf(1_000) }, 503, "PAYOUTS_PAUSED", /being moved/);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    await served.service.switches.turnOff("payouts_paused");
  });
});

describe("the statement refuses", () => {
  it.each(["after=-1", "after=x", "after=1.5", "limit=0", "limit=1001", "limit=", "after=99999999999999999"])(
    "?%s",
    async (query) => {
      await refused(`/v1/statement?${query}`, { key: apiKey }, 400, "QUERY_INVALID", /whole number/);
    },
  );
});

describe("no new invoices", () => {
  it("while the operator has stopped them, and withdrawals go on", async () => {
    await served.service.switches.turnOn("invoices_stopped", "The service ends in May.");
    const { headers } = await refused("/v1/invoices", { key: apiKey, json: order }, 503, "INVOICES_STOPPED", /in May/);
    expect(headers.get("retry-after")).toBe("3600");
    expect((await served.ask("/health")).body.invoices).toBe("stopped");
    await served.service.switches.turnOff("invoices_stopped");
  });

  it("while the node is away", async () => {
    served.node.next("createInvoice", "PROVIDER_UNREACHABLE");
    await refused("/v1/invoices", { key: apiKey, json: order }, 503, "NODE_UNAVAILABLE", /No money moved/);
  });

  it("and whether one was paid is not guessed then", async () => {
    const { body } = await served.ask("/v1/invoices", { key: apiKey, json: order });
    served.node.next("lookupInvoice", "PROVIDER_TIMEOUT");
    const path = `/v1/invoices/${body.paymentHash}`;
    await refused(path, { key: apiKey }, 503, "NODE_UNAVAILABLE", /cannot check now whether the invoice was paid/);
  });
});

describe("an error that is nobody's fault but ours", () => {
  it("is told to the operator, and says nothing to the sender", async () => {
    const { query } = served.database;
    served.database.query = () => Promise.reject(new Error("password of postgres://user:hunter2@10.0.0.1 is wrong"));
    try {
      const { status, body, text } = await served.ask("/v1/invoices", { key: apiKey, json: order });
      expect([status, body.code]).toEqual([500, "INTERNAL"]);
      expect(text).not.toMatch(/hunter2|10\.0\.0\.1|postgres/);
    } finally {
      served.database.query = query;
    }
    expect(served.errors.splice(0).map(({ message }) => message)).toEqual([expect.stringContaining("is wrong")]);
  });
});
