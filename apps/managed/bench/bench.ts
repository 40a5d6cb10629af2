// How many invoices and settlements one process does, and how long a balance takes on a long ledger. Needs nothing: it starts
// a Postgres that writes to the disk. In apps/managed: npm run bench
//
// Only the lines that say "with its loops" are of a service at work: there, it also looks up what is unpaid, at a node that
// answers at once. The others leave that out. A node that takes 100 ms allows 160 looks a second, and an unpaid invoice of
// an account is looked at 11 times in its first hour.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { createService } from "../src/create-service.ts";
import { openDatabase } from "../src/database/open-database.ts";
import { createApi } from "../src/http/create-api.ts";
import { listen } from "../src/http/listen.ts";
import { createRequestMetrics } from "../src/http/request-metrics.ts";
import { sha256 } from "../src/random-id.ts";
import { createDatabase } from "../test/postgres/create-database.ts";
import { startPostgres } from "../test/postgres/start-postgres.ts";
import { fastNode } from "./fast-node.ts";
import type { HttpLoad } from "./http-client.ts";
import { fullLoad, type Measured, steadyLoad } from "./steady-load.ts";

const MERCHANTS = 200;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const LONG_LEDGER_PAYMENTS = Number(process.env.BENCH_PAYMENTS ?? 334_000);

const print = (what: string, { perSecond, p50Ms, p99Ms, failed }: Measured) =>
  console.log(
    `${what.padEnd(38)} ${perSecond} /s   p50 ${p50Ms} ms   p99 ${p99Ms} ms${failed ? `   ${failed} FAILED` : ""}`,
  );

console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} before`);
const postgres = await startPostgres({ isDurable: true });
const database = await openDatabase({ url: await createDatabase(postgres.url("postgres"), "bench") });
const node = fastNode();
const service = createService({
  ...{ database, provider: node.provider, wallet: node.wallet, nodeBalanceMsat: node.nodeBalanceMsat },
  ...{ network: "regtest", requestsPerSecond: 1_000_000, balanceCapMsat: 1e15 },
});

const keys = Array.from({ length: MERCHANTS }, () => `l402m_${randomBytes(32).toString("base64url")}`);
await database.query(
  `insert into managed.merchants (id, lightning_address, key_hash, owner_key_hash, created_at, next_payout_at)
    select 'merchant' || n, 'm' || n || '@example.com', decode(key, 'hex'), sha256(decode(key, 'hex')), now(),
      now() + interval '1 year' from unnest($1::text[]) with ordinality k(key, n)`,
  [keys.map((key) => sha256(key).toString("hex"))],
);
const merchants = await Promise.all(
  Array.from({ length: MERCHANTS }, (_, i) => service.merchants.byId(`merchant${i + 1}`)),
);
const hashes: string[] = [];
async function createInvoice(nth: number): Promise<void> {
  const merchant = merchants[nth % MERCHANTS];
  if (!merchant) throw new Error("There is no such merchant.");
  const order = { amountMsat: 21_000, description: "Tea", expiresInSeconds: 3_600 };
  hashes.push((await service.invoices.create(merchant, order, { key: `key-${hashes.length}-${nth}` })).payment_hash);
}
async function settle(hash: string): Promise<void> {
  node.pay(hash);
  await service.settlement.hint(hash);
}

await fullLoad(500, 16, createInvoice);
print("invoices, 500 a second", await steadyLoad(500, SECONDS, createInvoice));
print("invoices, 32 at once", await fullLoad(500 * SECONDS, 32, createInvoice));
let next = 0;
print("settlements, 300 a second", await steadyLoad(300, SECONDS, () => settle(hashes[next++] as string)));
print("settlements, 32 at once", await fullLoad(300 * SECONDS, 32, () => settle(hashes[next++] as string)));
const both = (nth: number) => (nth % 8 < 5 ? createInvoice(nth) : settle(hashes[next++] as string));
print("both, 500 + 300 a second", await steadyLoad(800, SECONDS, both));
const stop = service.start();
print("both, with its loops", await steadyLoad(800, SECONDS, both));
const [late] = await database.query<{ invoices: number }>(
  "select count(*)::int invoices from managed.invoices where next_check_at < now() - interval '2 s' and status <> 'settled'",
);
console.log(`looks that are more than 2 s late, with its loops: ${late?.invoices}`);
await stop();

await overHttp();

const began = performance.now();
await database.script(`
  insert into managed.invoices (payment_hash, merchant_id, amount_msat, description, bolt11, created_at, expires_at)
    select lpad(to_hex(n), 64, '0'), 'merchant' || (1 + n % 3), 1000 + n % 1000, '', 'lnbcrt', now(), now()
    from generate_series(1, ${LONG_LEDGER_PAYMENTS}) n;
`);
await database.script(`do $$ begin
  perform set_config('synchronous_commit', 'off', false);
  for n in 1..${LONG_LEDGER_PAYMENTS} loop
    perform managed.settle(lpad(to_hex(n), 64, '0'), null, null, now());
    commit;
  end loop;
end $$`);
await database.script("vacuum analyze");
const [size] = await database.query<{ entries: number }>("select count(*)::int entries from managed.entries");
console.log(`a ledger of ${size?.entries} entries (written in ${Math.round((performance.now() - began) / 1000)} s)`);
print("balance of a merchant", await fullLoad(2_000, 1, () => service.balance("merchant1")));
print(
  "the last 100 lines of its statement",
  await fullLoad(200, 1, () => service.statement("merchant1", { after: 900_000, limit: 100 })),
);
print("invoices, 500 a second", await steadyLoad(500, SECONDS, createInvoice));
const audit = await fullLoad(1, 1, () => service.solvency.audit());
print("audit of the whole ledger", audit);
console.log(`load ${loadavg()[0]?.toFixed(1)} after`);
await database.close();
await postgres.stop();

/** The same through the API, asked by another process. */
async function overHttp(): Promise<void> {
  const api = createApi(service, { onError: (error) => console.error(error) }, createRequestMetrics());
  const open = await listen(api.fetch, "127.0.0.1", 0);
  const load = async (perSecond: number, wanted: string[], atOnce?: number): Promise<Measured> => {
    const script = fileURLToPath(new URL("http-client.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", script], { stdio: ["pipe", "pipe", "inherit"] });
    const asked: HttpLoad = {
      url: open.url,
      keys,
      hashes: wanted,
      perSecond,
      seconds: SECONDS,
      ...(atOnce && { atOnce }),
    };
    child.stdin.end(JSON.stringify(asked));
    let text = "";
    for await (const chunk of child.stdout) text += chunk;
    return JSON.parse(text);
  };
  print("invoices over HTTP, 500 a second", await load(500, []));
  print("invoices over HTTP, 32 at once", await load(500, [], 32));
  // In the order of the keys, so that each merchant asks for its own.
  const rows = await database.query<{ payment_hash: string }>(
    `select payment_hash from (select payment_hash, merchant_id, row_number() over (partition by merchant_id) nth
        from managed.invoices where status = 'open') i order by nth, substr(merchant_id, 9)::int limit $1`,
    [300 * SECONDS],
  );
  for (const { payment_hash } of rows) node.pay(payment_hash);
  print(
    "settlements over HTTP, 300 a second",
    await load(
      300,
      rows.map(({ payment_hash }) => payment_hash),
    ),
  );
  await open.close();
}
