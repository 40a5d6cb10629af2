import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { l402, root } from "./l402-process.ts";
import { openAgent } from "./mcp-agent.ts";

const WALLET = { L402_WALLET: "./packages/cli/test/answering-wallet.mjs", L402_NETWORK: "regtest" };
const ENOUGH = { ...WALLET, L402_MAX_SATS_PER_DAY: "500" };

/** Sends lines, and answers what comes back, in no order. */
async function talk(...lines: (object | string)[]) {
  const stdin = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
  const { code, stdout } = await l402(["mcp"], { env: ENOUGH, stdin });
  expect(code).toBe(0);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const request = (method: string, params?: object, id: unknown = 1) => ({ jsonrpc: "2.0", id, method, params });
const HELLO = request("initialize", { protocolVersion: "2025-06-18", capabilities: {} }, "hello");
const named = (version: unknown, more = {}) => ({
  _meta: { "io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {} },
  ...more,
});

describe.concurrent("l402 mcp", () => {
  it.each([
    ["without a limit", WALLET, "Set L402_MAX_SATS_PER_DAY, for example to 500."],
    [
      "with a limit for a request only",
      { ...WALLET, L402_MAX_SATS: "5" },
      "a limit for all payments of the agent together",
    ],
    ["with a limit for a seller only", { ...WALLET, L402_MAX_SATS_PER_ORIGIN: "5" }, "L402_MAX_SATS_TOTAL"],
    ["with a limit that is misspelt", { ...ENOUGH, L402_MAX_SAT: "5" }, "L402_MAX_SAT is not a known limit"],
    [
      "with hosts that are misspelt",
      { ...ENOUGH, L402_ALLOWED_HOST: "a.example" },
      "L402_ALLOWED_HOST is not a known variable",
    ],
    [
      "with a host that is an address",
      { ...ENOUGH, L402_ALLOWED_HOSTS: "https://a.example" },
      "which is not a valid host",
    ],
    ["with a host that is a pattern", { ...ENOUGH, L402_ALLOWED_HOSTS: "a.example,*.example.com" }, '"*.example.com"'],
    ["with no host", { ...ENOUGH, L402_ALLOWED_HOSTS: "" }, "which is not a valid host"],
    ["without a wallet", { L402_MAX_SATS_PER_DAY: "500" }, "Set L402_WALLET=alby"],
  ])("does not start %s", async (_, env, told) => {
    const { code, stdout, stderr } = await l402(["mcp"], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(told);
  });

  it("takes no URL, and says what it waits for", async () => {
    expect((await l402(["mcp", "https://example.com"], { env: ENOUGH })).stderr).toContain("takes no URL");
    const { stderr } = await l402(["mcp", "--max-sats", "50"], { env: { ...ENOUGH, L402_MAX_SATS_TOTAL: "900" } });
    expect(stderr).toContain(
      "may spend at most 50 sats per request, 500 sats per day, 900 sats in total, including fees.",
    );
  });

  it.each([
    ["2025-11-25", "2025-11-25"],
    ["2024-11-05", "2024-11-05"],
    ["2030-01-01", "2025-11-25"],
    // Its servers must take several messages in one, which this one refuses.
    ["2025-03-26", "2024-11-05"],
    [undefined, "2025-11-25"],
  ])("shakes hands with a client of version %s", async (protocolVersion, agreed) => {
    const [answer] = await talk(request("initialize", { protocolVersion }));
    expect(answer).toMatchObject({ id: 1, result: { protocolVersion: agreed, capabilities: { tools: {} } } });
  });

  it("needs no handshake where every request names the version", async () => {
    const [known, unknown, incomplete, gone] = await talk(
      request("server/discover", named("2026-07-28"), 1),
      request("tools/list", named("2030-01-01"), 2),
      request("tools/list", { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }, 3),
      request("ping", named("2026-07-28"), 4),
    ).then((answers) => answers.sort((a, b) => a.id - b.id));
    expect(known.result).toMatchObject({ resultType: "complete", supportedVersions: ["2026-07-28"] });
    expect(known.result._meta["io.modelcontextprotocol/serverInfo"].name).toBe("l402");
    expect(unknown.error).toMatchObject({ code: -32022, data: { requested: "2030-01-01" } });
    expect(unknown.error.data.supported).toEqual(expect.arrayContaining(["2026-07-28", "2025-11-25"]));
    expect([incomplete.error.code, gone.error.code]).toEqual([-32602, -32601]);
  });

  it("answers nothing but ping before the handshake", async () => {
    const [list, ping] = await talk(request("tools/list", {}, 1), request("ping", {}, 2)).then((answers) =>
      answers.sort((a, b) => a.id - b.id),
    );
    expect(list.error).toMatchObject({ code: -32602, message: expect.stringContaining("Send initialize first") });
    expect(ping.result).toEqual({});
  });

  it.each([
    ["no JSON", "nonsense", -32700],
    ["half of it", '{"jsonrpc":"2.0","id":1,', -32700],
    ["more than two megabytes", `{"jsonrpc":"2.0","id":1,"method":"${"a".repeat(2_000_000)}"}`, -32700],
    ["several at once", [request("ping")], -32600],
    ["another version", { id: 1, method: "ping" }, -32600],
    ["no method", { jsonrpc: "2.0", id: 1 }, -32600],
    ["an id that is null", request("ping", {}, null), -32600],
    ["parameters that are none", request("ping", [1]), -32600],
    ["an unknown method", request("resources/list"), -32601],
    ["an unknown tool", request("tools/call", { name: "pay" }), -32602],
    ["no tool", request("tools/call"), -32602],
    ["arguments that are none", request("tools/call", { name: "fetch", arguments: "https://example.com" }), -32602],
  ])("says no to %s, and goes on", async (_, line, code) => {
    const answers = await talk(HELLO, line, "", "  ", request("ping", {}, "after"));
    expect(answers).toHaveLength(3);
    const refusal = answers.find(({ error }) => error);
    expect(refusal.error.code).toBe(code);
    // One that cannot be told is left out: some clients take null for one.
    expect(refusal.id === undefined || refusal.id === 1).toBe(true);
    expect(answers.find(({ id }) => id === "after").result).toEqual({});
  });

  it("says nothing to what is no request", async () => {
    const silent = [
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", method: "notifications/cancelled" },
      { jsonrpc: "2.0", method: "initialize", params: {} },
      { jsonrpc: "2.0", id: 1, result: {} },
      { jsonrpc: "2.0", id: 1, error: { code: 1, message: "" } },
    ];
    expect((await talk(...silent, HELLO)).map(({ id }) => id)).toEqual(["hello"]);
  });

  it("takes no argument that it does not know, by whatever name", async () => {
    const given = '{"url":"https://127.0.0.1:1/","__proto__":{"maxSats":1}}';
    const answers = await talk(
      HELLO,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fetch","arguments":${given}}}`,
      request("tools/call", { name: "spending", arguments: { reset: true } }, 2),
    );
    const messages = answers
      .filter(({ result }) => result.isError)
      .map(({ result }) => JSON.parse(result.content[0].text));
    expect(messages.map(({ error }) => error.code)).toEqual(["USAGE", "USAGE"]);
    expect(JSON.stringify(messages)).toContain("__proto__ is not an argument");
  });
});

it("starts with the settings that the guide shows", async () => {
  const guide = readFileSync(`${root}/docs/guide/agents.md`, "utf8");
  const [, settings = ""] = /```json\n(\{\n {2}"mcpServers".*?)```/s.exec(guide) ?? [];
  const { command, args, env } = JSON.parse(settings).mcpServers.l402;
  expect([command, ...args]).toEqual(["npm", "run", "-s", "--prefix", "/path/to/the/clone", "l402", "--", "mcp"]);
  const { client, tools, call } = await openAgent({ env: { L402_MAX_SATS_PER_DAY: "", ...env } });
  expect(client.getInstructions()).toContain("at most 50 sats per request, 500 sats per day, including fees");
  for (const { name } of tools) expect(guide).toContain(`| \`${name}\` |`);
  expect((await call("fetch", { url: "https://example.com/" })).error?.code).toBe("INSECURE_ORIGIN");
});
