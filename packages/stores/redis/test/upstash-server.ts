import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Redis } from "ioredis";
import { atEnd } from "./at-end.ts";

/** Upstash's REST API as far as its client needs it, in front of a real Redis. Answers its URL. */
export async function startUpstash(redis: Redis, token: string): Promise<string> {
  const run = async ([command, ...args]: string[]) => {
    try {
      return { result: inBase64(await redis.call(String(command), ...args)) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request));
    const isAllowed = request.headers.authorization === `Bearer ${token}`;
    const answer = !isAllowed
      ? { error: "WRONGPASS invalid or missing auth token" }
      : request.url === "/pipeline"
        ? await Promise.all(body.map(run))
        : await run(body);
    response.statusCode = isAllowed ? ("error" in answer ? 400 : 200) : 401;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What its client asks for with a header, and decodes. */
function inBase64(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(inBase64);
  return typeof result === "string" && result !== "OK" ? Buffer.from(result).toString("base64") : result;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
