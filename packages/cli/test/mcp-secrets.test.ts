import { expect, it } from "vitest";
import { dir, l402 } from "./l402-process.ts";
import { openAgent } from "./mcp-agent.ts";
import { openMcpShop } from "./mcp-shop.ts";

const { url, env, secrets, lightning } = await openMcpShop({
  "/echo": ({ headers }, response) => {
    const { authorization = "" } = headers;
    const [, token = "", preimage = ""] = authorization.split(/[ :]/);
    response.setHeader("link", `<https://thief.example/${encodeURIComponent(token)}>`);
    response.end(JSON.stringify({ authorization, again: preimage.toUpperCase(), free: authorization === "" }));
  },
  "/picture": ({ headers }, response) => response.end(Buffer.from(`caf\xe9 ${headers.authorization}`, "latin1")),
  "/cut": ({ headers: { authorization = "" } }, response) => {
    // One letter is missing.
    response.setHeader("link", "x".repeat(501 - authorization.length) + authorization);
    response.end(`${"x".repeat(50_001 - authorization.length)}${authorization}tail`);
  },
  "/order": ({ headers }, response) => {
    const [, token = "", preimage = ""] = headers.authorization?.split(/[ :]/) ?? [];
    const query = `a=${preimage}&b=${preimage}&c=${preimage.toUpperCase()}&t=${encodeURIComponent(token)}`;
    response.writeHead(303, { location: `/paid/${preimage}?${query}` }).end();
  },
  "/price": async (_, response) => {
    const order = {
      amountMsat: 1000,
      description: `you paid with ${secrets.find((each) => /^[0-9a-f]{64}$/.test(each))}`,
      expiresInSeconds: 600,
    };
    const { bolt11 } = await lightning.provider.createInvoice(order);
    response.writeHead(402, { "www-authenticate": `L402 macaroon="b3BhcXVl", invoice="${bolt11}"` }).end();
  },
});
const agent = await openAgent({ env });
/** What the wallet says and throws. */
const CANARY = "c4n4ry5ec2e7";

it("where a server sends back what it was sent, the agent sees neither token nor preimage", async () => {
  const { data } = await agent.call("fetch", { url: `${url}/paid/echo` });
  expect(data.payment).toMatchObject({ paidNow: true, amountSats: 10 });
  expect(data.body).toBe('{"authorization":"L402 [removed]:[removed]","again":"[removed]","free":false}');
  expect(data.headers.link).toBe("<https://thief.example/[removed]>");
});

it("an answer that is no text holds neither either", async () => {
  const { data } = await agent.call("fetch", { url: `${url}/paid/picture` });
  expect(Buffer.from(data.bodyBase64, "base64").toString("latin1")).toBe("caf\xe9 L402 [removed]:[removed]");
});

it("where an answer is cut within a secret, its beginning is not shown either", async () => {
  const { data } = await agent.call("fetch", { url: `${url}/paid/cut` });
  expect(data.body).toMatch(/^x{49000,}L402 \[removed\]:\[removed\]$/);
  expect(data.headers.link).toMatch(/^x+L402 \[removed\]:\[removed\]$/);
});

it("wherever a server puts them, in an error or in a price, they are removed", async () => {
  const { error, text } = await agent.call("fetch", { url: `${url}/paid/order`, body: "{}" });
  expect(error.code).toBe("PAYMENT_REJECTED");
  const { data } = await agent.call("quote", { url: `${url}/price` });
  expect(data.description).toBe("you paid with [removed]");
  const listed = (await agent.call("purchases")).text;
  for (const secret of secrets) expect((text + listed).toLowerCase()).not.toContain(secret.toLowerCase());
});

it("no secret is in anything that is said", async () => {
  const heard: unknown[] = [];
  for (const TEST_FAULT of ["", "throws", "bug"]) {
    const { client, call, told } = await openAgent({ env: { ...env, TEST_FAULT } });
    const paths = ["/paid/echo", "/paid/echo", "/paid/other"];
    const answers = [];
    for (const path of paths) answers.push(await call("fetch", { url: url + path }));
    expect(answers[0]?.error?.code).toBe({ throws: "PAYMENT_OUTCOME_UNKNOWN", bug: "BUG" }[TEST_FAULT]);
    const rest = ["spending", "purchases"].map((tool) => call(tool));
    heard.push(answers, await call("quote", { url: `${url}/paid/third` }), await Promise.all(rest));
    heard.push(await client.listTools(), client.getInstructions(), told());
  }
  const all = JSON.stringify(heard);
  expect(secrets.length).toBeGreaterThan(6);
  for (const secret of [...secrets, CANARY, dir]) expect(all.includes(secret), secret).toBe(false);
});

it("nothing is on stdout but the protocol, even before it begins", async () => {
  const limits = { ...env, L402_MAX_SATS_PER_DAY: "5" };
  const { stdout, stderr, json } = await l402(["mcp"], {
    env: limits,
    stdin: '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
  });
  expect(json()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
  expect(stdout + stderr).not.toContain(CANARY);
  expect((await l402(["mcp", "--json"], { env: limits })).json().error.message).toContain("--json");
});
