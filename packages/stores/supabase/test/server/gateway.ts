import { createHmac } from "node:crypto";
import { type Agent, createServer, request, type Server } from "node:http";

const JWT_SECRET = "the tests' JWT secret, of 32 bytes or more";

/** A key of a Supabase project: a token that names a role. */
export function keyFor(role: "anon" | "authenticated" | "service_role", secret = JWT_SECRET): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ role, exp: 4_000_000_000 })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

export { JWT_SECRET };

/** The keys of newer projects: names, and no tokens. The gateway knows which role they stand for. */
export const PUBLISHABLE_KEY = "sb_publishable_abcdefghijklmnopqrstuv_12345678";
export const SECRET_KEY = "sb_secret_abcdefghijklmnopqrstuvwxyzABCDE_12345678";
const ROLES: Record<string, string> = { [PUBLISHABLE_KEY]: keyFor("anon"), [SECRET_KEY]: keyFor("service_role") };

/**
 * What stands in front of a project's PostgREST: it serves /rest/v1, and lets in who has one of the project's keys. One of
 * the newer ones becomes a token, unless the request has one already: then it goes on to PostgREST, as Supabase documents.
 */
export async function startGateway(postgrestPort: number, agent: Agent, port = 0): Promise<Server> {
  const keys = [keyFor("anon"), keyFor("authenticated"), keyFor("service_role"), ...Object.keys(ROLES)];
  const server = createServer((incoming, outgoing) => {
    if (!keys.includes(String(incoming.headers.apikey))) {
      outgoing.writeHead(401, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ message: "Invalid API key", hint: "Double check your API key." }));
      return;
    }
    const { method, url = "/" } = incoming;
    const role = ROLES[String(incoming.headers.apikey)];
    const headers = { ...(role && { authorization: `Bearer ${role}` }), ...incoming.headers };
    const path = url.replace(/^\/rest\/v1/, "");
    const forwarded = request({ host: "127.0.0.1", port: postgrestPort, method, headers, path, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}
