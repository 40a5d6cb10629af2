import type { L402Client } from "@l402/client";
import { isL402Error } from "@l402/core";
import type { Buyer } from "./buyer.ts";
import { ROUTES, type Route, resourceOf } from "./routes.ts";
import type { World } from "./run-world.ts";
import type { Sale, Seller } from "./seller.ts";
import type { Call } from "./simulation.ts";

const HOUR_MS = 3_600_000;

/** Checks what must hold at the end of a world, after everything was healed. */
export async function checkEnd(world: World): Promise<void> {
  for (const buyer of world.buyers) {
    checkCalls(world, buyer);
    checkThief(world, buyer);
    await checkBooks(world, buyer);
  }
  for (const buyer of world.buyers) {
    await checkGoods(world, buyer);
    if (world.remembersAll) await checkNotLockedOut(world, buyer);
  }
  for (const seller of world.sellers) checkSeller(world, seller);
  checkSecrets(world);
}

/** Every call has ended, paid at most once, and did not say that no money moved when it did. */
function checkCalls({ problems, nameOf }: World, { calls, paid }: Buyer): void {
  const hasMoved = new Set(paid().map(({ paymentHash }) => paymentHash));
  for (const { id, outcome, isLost, isAborted, isStream, ordered } of calls) {
    if (outcome === undefined && !isLost) problems.push(`Call ${id} never ends.`);
    const moved = [...ordered].filter((hash) => hasMoved.has(hash));
    if (moved.length > 1) problems.push(`Call ${id} paid ${moved.map(nameOf)}.`);
    if (isStream && moved.length > 0) problems.push(`Call ${id} paid for a body that it could not send again.`);
    const saysNothingMoved = isL402Error(outcome) ? outcome.fundsMoved === "no" : outcome instanceof TypeError;
    if (saysNothingMoved && !isAborted && moved.length > 0)
      problems.push(`Call ${id} denies to have paid ${moved.map(nameOf)}.`);
  }
}

/** Who serves nothing is paid for the calls that run at once, and as much once more if answers were lost. */
function checkThief({ problems, thief }: World, { name, calls, paid, clocksJump }: Buyer): void {
  const urls = new Set(calls.map(({ url, method }) => `${method} ${url}`).filter((url) => url.includes(thief.origin)));
  for (const each of urls) {
    const same = calls.filter(({ url, method }) => `${method} ${url}` === each);
    const isRunning = ({ beganAt, endedAt = Infinity }: Call, at: number) => beganAt <= at && at <= endedAt;
    const atOnce = Math.max(...same.map(({ beganAt }) => same.filter((call) => isRunning(call, beganAt)).length));
    const ordered = new Set(same.flatMap(({ ordered }) => [...ordered]));
    const times = paid().flatMap(({ paymentHash, beganAt }) => (ordered.has(paymentHash) ? [beganAt] : []));
    const most = Math.max(...times.map((time) => times.filter((at) => at >= time && at < time + HOUR_MS).length));
    if (most > 2 * atOnce && !clocksJump) problems.push(`${name} paid ${most} times for nothing at ${each}.`);
  }
}

/** Nothing is open any more, and the client's books say what the node says. */
async function checkBooks(world: World, { name, openClients, paid, costOf }: Buyer): Promise<void> {
  const clients = openClients();
  let open: string[] = [];
  for (const client of clients) open = await during(world, client.resume());
  if (open.length > 0) world.problems.push(`${name}: ${open.map(world.nameOf)} stay open.`);
  const { totalMsat, pendingMsat } = await during(world, (clients[0] as L402Client).spending());
  if (pendingMsat !== 0) world.problems.push(`${name} has ${pendingMsat} msat reserved for nothing.`);
  if (totalMsat !== costOf(paid())) world.problems.push(`${name} booked ${totalMsat} msat and paid ${costOf(paid())}.`);
}

/** What was paid for and is not used up still opens, without another payment. */
async function checkGoods(world: World, buyer: Buyer): Promise<void> {
  for (const { paymentHash } of buyer.paid()) {
    const seller = world.sellers.find(({ sales }) => sales.has(paymentHash));
    const sale = seller?.sales.get(paymentHash);
    if (!seller || !sale || world.saidUsedUp.has(paymentHash) || sale.expiresAt < world.time.now()) continue;
    const { method, terms } = ROUTES[sale.path] as Route;
    for (let uses = usesLeft(seller, paymentHash, sale); uses > 0; uses--) {
      const before = buyer.paid().length;
      const body = "x".repeat(typeof terms === "function" ? sale.amountMsat / 1000 : 1);
      const { outcome } = await during(world, buyer.fetch(seller.origin + sale.path, method, body));
      const isServed = outcome === 200 && buyer.paid().length === before;
      if (!isServed)
        world.problems.push(`${buyer.name} owns ${uses} uses of ${world.nameOf(paymentHash)}, which do not open.`);
      if (!isServed || world.saidUsedUp.has(paymentHash)) break;
    }
  }
}

/**
 * A seller that loses no uses goes on selling. A buyer believes one loss, and no other until it is served again. What was
 * never served, and has expired, is no loss that it believes.
 */
async function checkNotLockedOut(world: World, buyer: Buyer): Promise<void> {
  for (const url of new Set(buyer.calls.map(({ url }) => url))) {
    const { origin, pathname } = new URL(url);
    const { method } = ROUTES[pathname] ?? {};
    const seller = world.sellers.find((each) => each.origin === origin);
    const losesUses = [...(seller?.accounts.values() ?? [])].some(({ lost }) => lost > 0);
    const believed = pathname === "/brief" ? 0 : 1;
    if (!method || losesUses || lossesSinceServed(buyer, origin, pathname) > believed) continue;
    const isRejected = async () => {
      const { outcome } = await during(world, buyer.fetch(url, method, "x"));
      return isL402Error(outcome) && outcome.code === "PAYMENT_REJECTED";
    };
    // The first refusal may reveal a loss.
    if ((await isRejected()) && (await isRejected()) && (await isRejected()))
      world.problems.push(`${buyer.name} is locked out of ${url}.`);
  }
}

/** How many payments there were whose answer a buyer did not hear, since it was served the same. */
function lossesSinceServed({ calls }: Buyer, origin: string, pathname: string): number {
  const same = calls.filter(
    ({ url }) => url.startsWith(origin) && resourceOf(new URL(url).pathname) === resourceOf(pathname),
  );
  const servedAt = Math.max(...same.map(({ outcome, endedAt = 0 }) => (outcome === 200 ? endedAt : 0)));
  const unheard = same.filter(
    ({ outcome, endedAt = Infinity }) => (outcome instanceof Error && endedAt >= servedAt) || outcome === undefined,
  );
  return unheard.filter(({ ordered }) => ordered.size > 0).length;
}

function usesLeft({ accounts }: Seller, paymentHash: string, { uses }: Sale): number {
  const { counted, returned } = accounts.get(paymentHash) ?? { counted: 0, returned: 0 };
  return uses === "unlimited" ? 1 : uses - (counted - returned);
}

/** Uses were counted for what was served, and for nothing else. Log and node agree on what was sold. */
function checkSeller({ problems, lightning, nameOf }: World, seller: Seller): void {
  const { accounts, sales, log, parts, hasLostServers } = seller;
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  const logged = new Set(log.payments.map(({ paymentHash }) => paymentHash));
  for (const [paymentHash, sale] of sales) {
    const account = accounts.get(paymentHash);
    const name = nameOf(paymentHash);
    if (account && account.begun > 0 && !logged.has(paymentHash)) problems.push(`The log misses ${name}.`);
    if (!account || sale.uses === "unlimited") continue;
    const { counted, returned, kept, lost } = account;
    if (counted - returned > sale.uses) problems.push(`${name} was used ${counted - returned} times.`);
    if (counted - returned !== kept + lost)
      problems.push(`${name}: ${counted} counted, ${returned} returned, ${kept} kept.`);
  }
  for (const paymentHash of sales.keys()) {
    const taken = [...accounts].filter(([key]) => key.startsWith(`${paymentHash}:`)).map(([, each]) => each);
    const given = new Set([...parts.values()].flat().filter((each) => each.paymentHash === paymentHash));
    const counted = sum(taken.map(({ counted, returned, lost }) => counted - returned - lost));
    const kept = sum([...given].map(({ account }) => account.kept + account.lost));
    // A server that dies may have counted only one of several limits.
    if (hasLostServers() ? counted < kept : counted !== kept)
      problems.push(`Of parts of ${nameOf(paymentHash)}, ${counted} were counted and ${kept} kept.`);
  }
  for (const { paymentHash, amountMsat } of log.payments) {
    const invoice = lightning.invoices.get(paymentHash);
    if (!invoice?.isSettled || invoice.amountMsat !== amountMsat)
      problems.push(`${nameOf(paymentHash)} is logged, and not paid.`);
  }
}

/** No error and no event shows a preimage, a token, or what a store said. */
function checkSecrets({ problems, lightning, tokens, seen }: World): void {
  const text = seen.join("\n").toLowerCase();
  const preimages = [...lightning.invoices.values()].map(({ preimage }) => preimage);
  for (const secret of ["the password of the store", ...preimages, ...tokens]) {
    if (text.includes(secret.toLowerCase())) problems.push(`Somebody was shown ${secret}.`);
  }
}

async function during<Result>({ time, problems }: World, work: Promise<Result>): Promise<Result> {
  let isOver = false;
  const end = work.finally(() => {
    isOver = true;
  });
  await time.run(time.now() + HOUR_MS, () => isOver);
  if (!isOver) problems.push("Something hangs at the end.");
  return end;
}
