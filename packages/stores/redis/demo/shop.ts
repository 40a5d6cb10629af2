// A server as a seller would run it. Several of them share one Redis: two-servers.ts here, and a test, start two.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPaywall } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { Redis } from "ioredis";
import { createRedisChallengeLimiter, createRedisUseStore } from "../src/index.ts";

const redis = new Redis(Number(process.argv[2]), { maxRetriesPerRequest: 1 });
redis.on("error", () => {});
const { provider, wallet } = fakeLightning();
const gate = createPaywall({
  provider,
  secret: "both servers have the same secret",
  useStore: createRedisUseStore({ redis }),
  challengeLimiter: createRedisChallengeLimiter({ redis, perClientPerMinute: 20 }),
  network: "regtest",
}).gate({ price: 10, uses: Number(process.argv[3]) });

const server = createServer(async (request, response) => {
  const header = (name: string) => request.headers[name]?.toString() ?? null;
  const [path = "/", query] = String(request.url).split("?");
  const decision = await gate({ method: "GET", path, header, clientKey: () => "10.0.0.1" });
  if (decision.outcome === "granted") {
    const status = query === "fail" ? 500 : 200;
    await decision.finish(status);
    return response.writeHead(status).end(String(decision.payment.remainingUses));
  }
  for (const [name, value] of decision.reply.headers) response.appendHeader(name, value);
  return response.writeHead(decision.reply.status).end(decision.reply.body);
});

// The buyer's wallet is on the same network as the seller's node, and that is in this process.
process.on("message", async (challenge: string[]) => process.send?.(await payChallenge(wallet, challenge)));
server.listen(0, "127.0.0.1", () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
