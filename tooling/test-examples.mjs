// Builds, starts and pays the examples with large dependencies: npm run test:examples
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { packAll } from "./check-steps/packages/pack-all.mjs";
import { startForgingShop } from "./examples/forging-shop.mjs";
import { buyFrom, payFor } from "./examples/sale-over-http.mjs";
import { startBooks } from "./examples/start-books.mjs";
import { startNext } from "./examples/start-next.mjs";
import { startBuyer, startWorker } from "./examples/start-worker.mjs";
import { readManifest } from "./packages.mjs";
import { root, run } from "./run.mjs";

const directory = mkdtempSync(join(tmpdir(), "l402-examples-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
const tarballs = packAll(directory);

/** A copy of the example with our packages as they would be published. */
function installExample(name) {
  const copy = join(directory, name);
  cpSync(`${root}/apps/${name}`, copy, { recursive: true, filter: (path) => !/node_modules|[\\/]\.next/.test(path) });
  const manifest = readManifest(copy);
  for (const tarball of tarballs) {
    if (/^@l402\/(bolt11|client|core|next|supabase|testing)$/.test(tarball.name))
      manifest.dependencies[tarball.name] = `file:${tarball.file}`;
  }
  writeFileSync(`${copy}/package.json`, JSON.stringify(manifest));
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: copy,
    quiet: true,
  });
  return copy;
}

async function test(name, start, visit) {
  const began = performance.now();
  const directory = installExample(name);
  const { url, close } = await start(directory);
  try {
    await visit(url, directory);
  } finally {
    await close();
  }
  console.log(`${name.padEnd(16)} built, started and paid in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

await test("example-worker", startWorker, async (url, directory) => {
  assert.deepEqual(await buyFrom(url, "/weather"), { weather: "sunny", paidMsat: 10_000 });
  await buyInWorker(url, directory);
  await keepBooksInWorker(directory);
  await leaveWorker(directory);
});

/** The shop in workerd counts its uses in Supabase, and posts its payments, of which each outlives its request. */
async function keepBooksInWorker(directory) {
  const books = await startBooks();
  const shop = await startWorker(directory, books.bindings);
  const elsewhere = await startBooks({ redirects: true });
  const misled = await startWorker(directory, elsewhere.bindings);
  try {
    for (let i = 0; i < 3; i++) await buyFrom(shop.url, "/weather");
    for (let i = 0; i < 100 && books.accepted.length < 3; i++) await setTimeout(50);
    assert.equal(new Set(books.accepted.map(({ paymentHash }) => paymentHash)).size, 3);

    await assert.rejects(buyFrom(misled.url, "/weather"), { actual: [401, 503, 503] });
    assert.deepEqual([...elsewhere.asked], ["/rest/v1/rpc/l402_consume"]);
  } finally {
    await Promise.all([shop, misled, books, elsewhere].map(({ close }) => close()));
  }
}

/** A buyer leaves while workerd waits for Supabase, and gets what was paid for when it comes again. */
async function leaveWorker(directory) {
  let buyer;
  const books = await startBooks({
    async counting() {
      if (buyer.destroyed) return;
      // What is closed without a reset may still be reading, and is served.
      buyer.resetAndDestroy();
      await setTimeout(500);
    },
  });
  const { url, close } = await startWorker(directory, books.bindings);
  try {
    const { token, preimage } = await payFor(url, await fetch(`${url}/weather`));
    const authorization = `L402 ${token}:${preimage}`;
    buyer = connect(new URL(url).port, new URL(url).hostname).on("error", () => {});
    buyer.write(`GET /weather HTTP/1.1\r\nHost: shop\r\nAuthorization: ${authorization}\r\n\r\n`);
    for (let i = 0; i < 100 && !books.asked.has("/rest/v1/rpc/l402_release"); i++) await setTimeout(50);
    const again = await fetch(`${url}/weather`, { headers: { authorization } });
    assert.equal(again.status, 200, "The use of a buyer who left is lost.");
  } finally {
    await Promise.all([close(), books.close()]);
  }
}

/** The client in workerd: it buys, keeps to its budget, and pays nothing to who cheats. */
async function buyInWorker(shop, directory) {
  const buyer = await startBuyer(directory, shop);
  const forger = await startForgingShop(shop);
  const victim = await startBuyer(directory, forger.url);
  const visit = async ({ url }) => (await fetch(`${url}/weather`)).json();
  try {
    const got = { weather: "sunny", paidMsat: 10_000 };
    assert.deepEqual(await visit(buyer), { got, spentMsat: 10_000 });
    assert.deepEqual(await visit(buyer), { got, spentMsat: 20_000 });
    const overBudget = { code: "BUDGET_EXCEEDED", fundsMoved: "no" };
    assert.deepEqual(await visit(buyer), { got: overBudget, spentMsat: 20_000 });

    const forged = { code: "INVOICE_MISMATCH", fundsMoved: "no" };
    assert.deepEqual(await visit(victim), { got: forged, spentMsat: 0 });
    assert.equal(forger.invoicesPaid(), 0);
  } finally {
    await Promise.all([buyer, victim, forger].map(({ close }) => close()));
  }
}

await test("example-next", startNext, async (url) => {
  assert.deepEqual(await buyFrom(url, "/api/weather"), { weather: "sunny", paidMsat: 10_000 });
  // More than the 16 KiB at which Next's middleware breaks bodies.
  const body = "word ".repeat(200_000);
  assert.deepEqual(await buyFrom(url, "/api/words", { method: "POST", body }), { words: 200_000 });
});
