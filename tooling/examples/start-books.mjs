// What a Worker asks over the network: a Supabase project that counts uses, and a receiver of webhooks.
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const WEBHOOK_SECRET = "a webhook secret of at least 32 bytes";

/**
 * `redirects` sends whoever asks to another path. `counting` is awaited before a use is counted. A post is answered
 * late, and the first one is refused.
 */
export async function startBooks({ redirects = false, counting = () => {} } = {}) {
  const asked = new Set();
  const counted = new Set();
  const accepted = [];
  let refusals = 0;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    asked.add(request.url);
    if (redirects) return response.writeHead(307, { location: `/elsewhere${request.url}` }).end();
    if (request.url === "/hook") {
      // Later than the sale is answered.
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (refusals++ === 0) return response.writeHead(503).end();
      if (isSigned(body, request.headers["l402-signature"])) accepted.push(JSON.parse(body));
      return response.end();
    }
    const { keys } = JSON.parse(body);
    if (request.url.endsWith("/l402_release")) return response.end(String(counted.delete(keys[0])));
    await counting();
    const left = counted.has(keys[0]) ? -1 : 0;
    counted.add(keys[0]);
    response.setHeader("content-type", "application/json").end(String(left));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    bindings: { SUPABASE_URL: url, SUPABASE_ANON_KEY: "anon-key", WEBHOOK_URL: `${url}/hook`, WEBHOOK_SECRET },
    asked,
    accepted,
    close: () => server.close().closeAllConnections(),
  };
}

function isSigned(body, header) {
  const [, time, signature] = /^t=(\d+),v1=(.+)$/.exec(header);
  return createHmac("sha256", WEBHOOK_SECRET).update(`${time}.${body}`).digest("hex") === signature;
}
