import type { Params } from "./serve-json-rpc.ts";
import { toolFailure } from "./tool-failure.ts";

/** Something that a model can do. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  inputSchema: object;
  /** What is in the data, by name. */
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
  "Only when it failed: code, title, message, hint (what to do), fundsMoved (no, yes or maybe) and retryable",
);

/** As a client is told. Clients also check errors against the schema, so nothing in it is required. */
export function describeTool({ output, call, ...told }: Tool): object {
  return { ...told, outputSchema: objectOf({ ...output, error: ERROR }) };
}

/** What a tool answers, or why it failed, in words that a model can act upon. */
export async function callTool(tool: Tool, given: Params, signal: AbortSignal): Promise<object> {
  try {
    return resultOf(await tool.call(given, signal));
  } catch (error) {
    return { ...resultOf({ error: toolFailure(error, signal) }), isError: true };
  }
}

/**
 * The same twice, because many clients show the model only the text.
 *
 * SECURITY: a server's words are inside JSON strings, which they cannot end (mcp-hostile.test.ts, "pretends to be").
 */
const resultOf = (data: object) => ({
  content: [{ type: "text", text: JSON.stringify(data) }],
  structuredContent: data,
});
