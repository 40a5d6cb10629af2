import { Agent, request } from "node:https";
import { Readable } from "node:stream";

/** A `fetch` that trusts one certificate: the built-in one has no option for that. */
export function trustingFetch(ca: string): typeof fetch {
  // A node may still be writing it, and no certificate would mean everyone's.
  if (!ca.includes("-----END CERTIFICATE-----")) throw new Error("The certificate is not complete.");
  const agent = new Agent({ ca, keepAlive: true });
  return (input, { method = "GET", headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const options = { agent, method, headers: Object.fromEntries(new Headers(headers)), ...(signal && { signal }) };
      const sent = request(String(input), options, (answer) => {
        const { statusCode: status = 0, headers } = answer;
        const stream = Readable.toWeb(answer) as ReadableStream<Uint8Array>;
        resolve(new Response(stream, { status, headers: { "content-type": String(headers["content-type"]) } }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
}
