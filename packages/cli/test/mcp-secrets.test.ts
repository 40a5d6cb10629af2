import { expect, it } from "vitest";
import { dir, l402 } from "./l402-process.ts";
import { openAgent } from "./mcp-agent.ts";
import { openMcpShop } from "./mcp-shop.ts";

const { url, env, secrets } = await openMcpShop({
  "/echo": ({ headers }, response) => {
    const { authorization = "" } = headers;
    const [, token = "", preimage = ""] = authorization.split(/[ :]/);
    response.setHeader("link", `<https://thief.example/${encodeURIComponent(token)}>`);
    response.end(JSON.stringify({ authorization, again: preimage.toUpperCase(), free: authorization === "" }));
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
