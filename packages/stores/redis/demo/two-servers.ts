// Two servers, one Redis, one token: npm run demo
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const say = (line: string) => console.log(line);
const port = await freePort();
const redis = spawn("redis-server", ["--port", String(port), "--save", ""], { stdio: "ignore" });
redis.on("error", () => {
  console.error("This needs redis-server: apt install redis-server, or brew install redis.");
  process.exit(1);
});
const children: ChildProcess[] = [redis];
process.on("exit", () => {
  for (const child of children) child.kill();
});

/** A server in a process of its own. Tokens that it sells are good for so many requests. */
async function startServer(name: string, uses: number) {
  const child = fork(fileURLToPath(new URL("shop.ts", import.meta.url)), [String(port), String(uses)]);
  children.push(child);
  const [url] = await once(child, "message");
  return { name, child, url };
}
type Server = Awaited<ReturnType<typeof startServer>>;

const ask = ({ url }: Server, authorization?: string) =>
  fetch(`${url}/weather`, { headers: authorization ? { authorization } : {} });

/** Pays what a server asks for. Its answer is what opens both servers from then on. */
async function pay({ child }: Server, unpaid: Response): Promise<string> {
  child.send([String(unpaid.headers.get("www-authenticate"))]);
  const [authorization] = await once(child, "message");
  return authorization;
}

async function show(server: Server, authorization?: string): Promise<Response> {
  const response = await ask(server, authorization);
  const about =
    response.status === 200 ? `uses left: ${await response.clone().text()}` : (await response.clone().json()).title;
  say(`server ${server.name}  ${response.status}  ${about}`);
  return response;
}

const [a, b] = await Promise.all([startServer("A", 3), startServer("B", 3)]);
const token = await pay(a, await show(a));
say("          The invoice of server A is paid. Its token is good for three requests:");
for (const server of [b, a, b, a]) await show(server, token);

const [c, d] = await Promise.all([startServer("C", 100), startServer("D", 100)]);
const big = await pay(c, await ask(c));
const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask(i % 2 ? c : d, big)));
const granted = answers.filter(({ status }) => status === 200).length;
say(`\n1000 requests at once for 100 uses, to both: ${granted} granted`);
process.exit(granted === 100 ? 0 : 1);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
