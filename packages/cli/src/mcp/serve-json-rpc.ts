import type { Readable } from "node:stream";
import { createLineReader } from "./read-lines.ts";

type Id = string | number;
export type Params = Readonly<Record<string, unknown>>;

/** Answers one request. If it throws, the caller gets an error of the protocol. */
export type Answer = (request: { method: string; params: Params; signal: AbortSignal }) => Promise<object>;

interface Wires {
  input: Readable;
  /** Resolves when the line is written. */
  write(line: string): Promise<void>;
  answer: Answer;
  /** Ends the server, like the end of the input. */
  stop: AbortSignal;
}

/** More than any agent runs at once, and few enough for memory. */
const MAX_CALLS = 64;
const CALL_SECONDS = 120;

/** Reasons why a call ends early. A cancelled call gets no answer. */
const CANCELLED = new Error("The call was cancelled.");
const ENDED = new Error("The MCP client has disconnected.");
export const TIMED_OUT = new Error(`The request was not complete within ${CALL_SECONDS} s.`);

/** Makes an error of the protocol, for a request that is itself wrong. A failed tool is no such error. */
export const rpcError = (code: number, message: string, data?: object) =>
  Object.assign(new Error(message), { rpc: { code, message, ...(data && { data }) } });

export const isObject = (value: unknown): value is Params =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Serves JSON-RPC 2.0, one message a line, until the input ends. Resolves when every call has ended. */
export function serveJsonRpc({ input, write, answer, stop }: Wires): Promise<void> {
  const running = new Map<Id, AbortController>();
  const ends = new Set<Promise<void>>();
  const send = (message: object) => write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const refuse = (code: number, message: string, id?: unknown) =>
    void send({ ...(isId(id) && { id }), error: { code, message } });

  function receive(line: string | undefined): void {
    const message = line === undefined ? undefined : parse(line);
    if (message === undefined)
      refuse(-32700, line === undefined ? "The message is too long." : "The message is not JSON.");
    else if (!isObject(message)) refuse(-32600, "A message must be one JSON object.");
    // This server sends no requests, so a message that looks like an answer is ignored.
    else if (!("result" in message || "error" in message)) take(message);
  }

  function take({ jsonrpc, id, method, params = {} }: Params): void {
    if (jsonrpc !== "2.0" || typeof method !== "string" || !isObject(params)) {
      refuse(-32600, "The message is not a JSON-RPC 2.0 request.", id);
    } else if (id === undefined) {
      if (method === "notifications/cancelled") running.get(params.requestId as Id)?.abort(CANCELLED);
    } else if (!isId(id)) refuse(-32600, "The id must be a string or a number.");
    else if (running.has(id)) refuse(-32600, "Another request with this id is still running.", id);
    else if (running.size >= MAX_CALLS)
      refuse(-32603, `${MAX_CALLS} calls are running already, which is the limit.`, id);
    else {
      const end = call(id, method, params);
      ends.add(end);
      void end.then(() => ends.delete(end));
    }
  }

  async function call(id: Id, method: string, params: Params): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    running.set(id, controller);
    const timer = setTimeout(() => controller.abort(TIMED_OUT), CALL_SECONDS * 1000);
    const outcome = await answer({ method, params, signal }).then(
      (result) => ({ result }),
      (error) => ({ error: error.rpc ?? { code: -32603, message: "Internal error." } }),
    );
    clearTimeout(timer);
    if (signal.reason !== CANCELLED) await send({ id, ...outcome });
    running.delete(id);
  }

  return new Promise((resolve) => {
    const lines = createLineReader(receive);
    const end = () => {
      stop.removeEventListener("abort", end);
      input.off("data", lines.push).off("end", end).off("close", end);
      lines.end();
      for (const controller of running.values()) controller.abort(ENDED);
      resolve(Promise.all(ends).then(() => {}));
    };
    stop.addEventListener("abort", end);
    input
      .on("data", lines.push)
      .on("end", end)
      .on("close", end)
      .on("error", () => {});
    if (stop.aborted) end();
  });
}

const isId = (value: unknown): value is Id => typeof value === "string" || Number.isSafeInteger(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
