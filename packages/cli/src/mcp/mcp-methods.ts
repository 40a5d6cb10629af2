import type { Hide } from "./hide-credentials.ts";
import { type Answer, isObject, type Params, rpcError } from "./serve-json-rpc.ts";
import { callTool, describeTool, type Tool } from "./tool.ts";

/** Versions that every request names. */
const STATELESS = ["2026-07-28"];
/** Versions that the handshake names once, without 2025-03-26: its servers must take several messages in one. */
const WITH_HANDSHAKE = ["2025-11-25", "2025-06-18", "2024-11-05"];

const KEY = "io.modelcontextprotocol/";
const CACHE = { ttlMs: 3_600_000, cacheScope: "private" };

interface Server {
  serverInfo: { name: string; title: string; version: string };
  instructions: string;
  tools: readonly Tool[];
  hide: Hide;
}

/**
 * Answers the methods of the Model Context Protocol that a server with tools needs, for clients of both generations.
 */
export function mcpMethods({ serverInfo, instructions, tools, hide }: Server): Answer {
  const capabilities = { tools: {} };
  const listed = { tools: tools.map(describeTool) };
  let isInitialized = false;

  async function call({ name, arguments: given = {} }: Params, signal: AbortSignal): Promise<object> {
    const tool = tools.find((each) => each.name === name);
    if (!tool)
      throw rpcError(-32602, `This tool does not exist. The tools are ${tools.map((each) => each.name).join(", ")}.`);
    if (!isObject(given)) throw rpcError(-32602, "The arguments of a tool must be an object.");
    return callTool(tool, given, signal, hide);
  }

  async function answerStateless(method: string, params: Params, signal: AbortSignal): Promise<object> {
    const { [`${KEY}protocolVersion`]: requested, [`${KEY}clientCapabilities`]: wanted } = params._meta as Params;
    if (typeof requested !== "string" || !STATELESS.includes(requested)) {
      const supported = [...STATELESS, ...WITH_HANDSHAKE];
      throw rpcError(-32022, "Unsupported protocol version", { supported, requested: String(requested) });
    }
    if (!isObject(wanted)) throw rpcError(-32602, `${KEY}clientCapabilities is missing in _meta.`);
    if (method === "server/discover") return { supportedVersions: STATELESS, capabilities, instructions, ...CACHE };
    if (method === "tools/list") return { ...listed, ...CACHE };
    if (method === "tools/call") return call(params, signal);
    throw unknownMethod(method);
  }

  async function answerInSession(method: string, params: Params, signal: AbortSignal): Promise<object> {
    if (method === "ping") return {};
    if (method === "initialize") {
      isInitialized = true;
      const asked = String(params.protocolVersion);
      // A client knows earlier versions than its own rather than later ones.
      const protocolVersion = WITH_HANDSHAKE.find((version) => version <= asked) ?? WITH_HANDSHAKE[0];
      return { protocolVersion, capabilities, serverInfo, instructions };
    }
    if (!isInitialized) throw rpcError(-32602, `Send initialize first, or ${KEY}protocolVersion in _meta.`);
    if (method === "tools/list") return listed;
    if (method === "tools/call") return call(params, signal);
    throw unknownMethod(method);
  }

  return async ({ method, params, signal }) => {
    const isStateless = isObject(params._meta) && params._meta[`${KEY}protocolVersion`] !== undefined;
    if (!isStateless) return answerInSession(method, params, signal);
    const result = await answerStateless(method, params, signal);
    return { resultType: "complete", ...result, _meta: { [`${KEY}serverInfo`]: serverInfo } };
  };
}

const unknownMethod = (method: string) => rpcError(-32601, `The method ${method.slice(0, 100)} does not exist.`);
