import type { Agent, RequestOptions } from "node:https";
import { markNeverSent } from "./never-sent.ts";
import { IDLE_MS, responseOf } from "./node-response.ts";

/** Bun and Deno imitate Node's connections, and send a request again on their own. */
const isNode = !("Bun" in globalThis || "Deno" in globalThis);

/** Like `fetch`, but over its own connections, which trust one certificate. The built-in `fetch` has no such option. */
export function pinnedFetch({ ca, insecure }: { ca: string | undefined; insecure: boolean }): typeof fetch {
  let agent: Agent | undefined;

  return async (input, init = {}) => {
    // Not imported, because a bundler for browsers would stop here, where no browser ever comes.
    const { Agent, request } = globalThis.process.getBuiltinModule("node:https");
    const { Readable } = globalThis.process.getBuiltinModule("node:stream");
    const trust = { rejectUnauthorized: !insecure, ...(ca !== undefined && { ca }) };
    agent ??= new Agent({ keepAlive: true, timeout: IDLE_MS, ...trust });
    // Leave the signal out of the Request, whose copy of the signal is garbage-collected together with it.
    const { signal, ...rest } = init;
    const prepared = new Request(input as string, rest);
    const body = init.body ? await prepared.text() : undefined;
    const headers = Object.fromEntries(prepared.headers);
    if (body !== undefined) headers["content-length"] = String(Buffer.byteLength(body));
    const options: RequestOptions = { agent, method: prepared.method, headers, ...(signal && { signal }) };

    return new Promise((resolve, reject) => {
      let mayHaveLeft = true;
      const sent = request(prepared.url, options, (answer) => {
        // This callback must not throw: the error would be uncaught and end the process.
        try {
          resolve(responseOf(answer, Readable.toWeb(answer) as ReadableStream<Uint8Array>));
        } catch (error) {
          sent.destroy();
          reject(error);
        }
      });
      sent.on("socket", (socket) => {
        // Data is written only after the server has shown its certificate. A reused socket has done that before.
        if (!isNode || sent.reusedSocket) return;
        mayHaveLeft = false;
        socket.once("secureConnect", () => {
          mayHaveLeft = true;
        });
      });
      sent.on("error", (error) => {
        if (!mayHaveLeft) markNeverSent(error);
        reject(error);
      });
      sent.end(body);
    });
  };
}
