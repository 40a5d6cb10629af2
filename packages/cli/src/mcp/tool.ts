import type { Hide } from "./hide-credentials.ts";
import type { Params } from "./serve-json-rpc.ts";
import { toolFailure } from "./tool-failure.ts";

/** A tool that a model can call. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  inputSchema: object;
  /** The schemas of the result's fields, by name. */
  output: Readonly<Record<string, object>>;
  annotations: { readOnlyHint: boolean; openWorldHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean };
  call(given: Params, signal: AbortSignal): Promise<object>;
}

export const text = (description: string) => ({ type: "string", description });
export const number = (description: string) => ({ type: "number", description });
export const objectOf = (properties: Readonly<Record<string, object>>, description?: string) => ({
  type: "object",
  properties,
  ...(description && { description }),
});

const ERROR = objectOf(
  {},
  "Present only if the call failed: code, title, message, hint (the next step), fundsMoved (no, yes or maybe) and retryable",
);

/** Describes a tool to a client. Clients check errors against the output schema too, so it requires no field. */
export function describeTool({ output, call, ...told }: Tool): object {
  return { ...told, outputSchema: objectOf({ ...output, error: ERROR }) };
}

/** Calls a tool. The result is its answer, or an error in words that a model can act upon. */
export async function callTool(tool: Tool, given: Params, signal: AbortSignal, hide: Hide): Promise<object> {
  try {
    return resultOf(await tool.call(given, signal), hide);
  } catch (error) {
    return { ...resultOf({ error: toolFailure(error, signal) }, hide), isError: true };
  }
}

/**
 * Makes a result that holds the data twice, because many clients show the model only the text.
 *
 * SECURITY: a server's words are inside JSON strings, and cannot end them (mcp-hostile.test.ts, "pretends to be").
 * Credentials are removed from all of them, also in errors and prices (mcp-secrets.test.ts, "wherever").
 */
function resultOf(data: object, hide: Hide) {
  const shown = JSON.parse(JSON.stringify(data), (_, value) => (typeof value === "string" ? hide(value) : value));
  return { content: [{ type: "text", text: JSON.stringify(shown) }], structuredContent: shown };
}
