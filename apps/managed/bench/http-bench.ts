// The same over HTTP, as an app sees it: invoices and look-ups, with keys and the whole of the API. The client is in this
// process as well. node --conditions=@l402/source --import tsx apps/managed/bench/http-bench.ts
import { Agent, request } from "node:http";
import { cpus, loadavg } from "node:os";
import { createService } from "../src/create-service.ts";
import { openDatabase } from "../src/database/open-database.ts";
import { createApi } from "../src/http/create-api.ts";
import { listen } from "../src/http/listen.ts";
import { createRequestMetrics } from "../src/http/request-metrics.ts";
import { createDatabase } from "../test/postgres/create-database.ts";
import { startPostgres } from "../test/postgres/start-postgres.ts";
import { fastNode } from "./fast-node.ts";
import { fullLoad, type Measured, steadyLoad } from "./steady-load.ts";

const MERCHANTS = 200;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);

console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} before`);
const postgres = await startPostgres({ isDurable: true });
const database = await openDatabase({ url: await createDatabase(postgres.url("postgres"), "bench") });
const node = fastNode();
const service = createService({
  ...{ database, provider: node.provider, wallet: node.wallet, nodeBalanceMsat: node.nodeBalanceMsat },
  ...{ network: "regtest", requestsPerSecond: 1_000_000, balanceCapMsat: 1e15 },
});
await database.query(
  `insert into managed.merchants (id, lightning_address, key_hash, owner_key_hash, created_at, next_payout_at)
    select 'merchant' || n, 'm' || n || '@example.com', sha256(('l402m_' || lpad(n::text, 43, '0'))::bytea),
      sha256(('l402o_' || lpad(n::text, 43, '0'))::bytea), now(), now() + interval '1 year' from generate_series(1, $1) n`,
  [MERCHANTS],
);
const listening = await listen(createApi(service, {}, createRequestMetrics()).fetch, "127.0.0.1", 0);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function ask(method: string, path: string, merchant: number, json?: object): Promise<{ paymentHash: string }> {
  const authorization = `Bearer l402m_${String(merchant + 1).padStart(43, "0")}`;
  return new Promise((resolve, reject) => {
    const sent = request(`${listening.url}${path}`, { method, agent, headers: { authorization } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () =>
        (response.statusCode ?? 500) < 300 ? resolve(JSON.parse(text)) : reject(new Error(`${response.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end(json && JSON.stringify(json));
  });
}

const made: [hash: string, merchant: number][] = [];
async function order(nth: number): Promise<void> {
  const merchant = nth % MERCHANTS;
  const { paymentHash } = await ask("POST", "/v1/invoices", merchant, { amountMsat: 21_000, description: "Tea" });
  made.push([paymentHash, merchant]);
}
async function pay(nth: number): Promise<void> {
  const [hash, merchant] = made[nth] ?? ["", 0];
  node.pay(hash);
  await ask("GET", `/v1/invoices/${hash}`, merchant);
}

const print = (what: string, { perSecond, p50Ms, p99Ms, failed }: Measured) =>
  console.log(`${what.padEnd(38)} ${perSecond} /s   p50 ${p50Ms} ms   p99 ${p99Ms} ms   ${failed} failed`);
await fullLoad(500, 16, order);
print("POST /v1/invoices, 500 a second", await steadyLoad(500, SECONDS, order));
print("POST /v1/invoices, 32 at once", await fullLoad(500 * SECONDS, 32, order));
print("GET of a paid invoice, 300 a second", await steadyLoad(300, SECONDS, pay));
print("GET /v1/balance, 32 at once", await fullLoad(500 * SECONDS, 32, (nth) => ask("GET", "/v1/balance", nth % 200)));
console.log(`load ${loadavg()[0]?.toFixed(1)} after`);
agent.destroy();
await listening.close();
await database.close();
await postgres.stop();
