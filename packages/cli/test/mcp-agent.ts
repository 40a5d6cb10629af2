import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll } from "vitest";
import { dir, main, newState, root } from "./l402-process.ts";

interface AgentOptions {
  env?: Record<string, string>;
  args?: string[];
  /** "legacy" shakes hands; "auto" finds out that it need not. */
  mode?: "legacy" | "auto";
}

/** The official client, with the built command as its server. Closed after the tests of the file. */
export async function openAgent({ env = {}, args = [], mode = "legacy" }: AgentOptions = {}) {
  const { PATH = "" } = process.env;
  const own = { PATH, HOME: dir, L402_STATE: newState(), L402_MAX_SATS_PER_DAY: "100000", ...env };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, "mcp", ...args],
    env: own,
    cwd: root,
    stderr: "pipe",
  });
  let stderr = "";
  transport.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  afterAll(() => client.close());
  const { tools } = await client.listTools();

  /** What a tool answers, which is what the model reads; the client checks it against the tool's schema. */
  async function call(name: string, given: Record<string, unknown> = {}, options: { signal?: AbortSignal } = {}) {
    const { content, structuredContent, isError = false } = await client.callTool({ name, arguments: given }, options);
    const [first, ...more] = content;
    if (first?.type !== "text" || more.length > 0) throw new Error("There is more than one text.");
    // biome-ignore lint/suspicious/noExplicitAny: every test expects something else in it.
    const data = structuredContent as any;
    return { isError, data, text: first.text, error: isError ? data.error : undefined };
  }

  return { client, transport, tools, call, told: () => stderr };
}
