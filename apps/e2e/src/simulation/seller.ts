import {
  createMemoryPaymentLog,
  createPaywall,
  macaroonFormat,
  type Payment,
  signedJsonFormat,
  type Terms,
} from "@l402/core";
import { withL402 } from "@l402/core/web";
import type { Lightning } from "./lightning.ts";
import { MOVED, RAISES, ROUTES, resourceOf } from "./routes.ts";
import { type Account, newAccount, openSharedStore, type Server } from "./shared-store.ts";
import { BODY_LENGTH, type Simulation } from "./simulation.ts";
import { pause } from "./virtual-time.ts";

/** What one payment was said to buy. */
export interface Sale {
  path: string;
  amountMsat: number;
  uses: number | "unlimited";
  expiresAt: number;
}

/** A token that somebody made narrower, and what came of it. */
interface Part {
  paymentHash: string;
  uses: number;
  resource: string | undefined;
  expiresAt: Date | undefined;
  account: Account;
}

/** A shop on one to three servers, which share a use store, secrets and a payment log. */
export function openSeller(simulation: Simulation, { invoices, providerOf }: Lightning, origin: string) {
  const { random, time, faults, problems, trace, nameOf, show } = simulation;
  const { chance, pick, whole } = random;
  const log = createMemoryPaymentLog();
  const { accounts, accountOf, storeOf } = openSharedStore(simulation);
  const sales = new Map<string, Sale>();
  const parts = new Map<string, Part[]>();
  const provesPayment = chance(0.7);
  const tokenFormat = pick(signedJsonFormat, macaroonFormat)();
  const secrets = ["first", "second"].map((id) => ({ id, secret: `the ${id} secret, which has at least 32 bytes` }));
  let hasLostServers = false;

  /** What the documentation promises of a request that is served. */
  function checkServed(
    { slowestMs }: Server,
    request: Request,
    { paymentHash, amountMsat }: Payment,
    body: string,
    shown: Part[],
  ): void {
    const name = nameOf(paymentHash);
    const { pathname } = new URL(request.url);
    const sale = sales.get(paymentHash);
    const account = accountOf(paymentHash);
    if (!invoices.get(paymentHash)?.isSettled) problems.push(`A handler ran for ${name}, which is not paid.`);
    if (!sale || resourceOf(sale.path) !== resourceOf(pathname)) problems.push(`${name} opens more.`);
    if (sale && time.now() > sale.expiresAt + SKEW_MS) problems.push(`${name} has expired.`);
    if (sale?.uses !== "unlimited") {
      if (account.begun > account.counted) problems.push(`A handler ran without a use of ${name}.`);
      if (account.kept + account.running > Number(sale?.uses)) problems.push(`${name} is used too often.`);
    }
    if (request.method === "POST" && body.length !== Number(request.headers.get(BODY_LENGTH)))
      problems.push(`A body was changed on the way.`);
    if (pathname === "/words" && amountMsat < body.length * 1000) problems.push(`${name} paid for less.`);
    for (const { account, uses, resource, expiresAt } of shown) {
      if (account.kept + account.running > uses) problems.push(`A part of ${name} is used too often.`);
      if (resource && resource !== `GET ${pathname}`) problems.push(`A part of ${name} opens more.`);
      if (expiresAt && time.now() + slowestMs > expiresAt.getTime() + GATE_MS)
        problems.push(`A part of ${name} has expired.`);
    }
  }

  const handlerOf = (server: Server) => async (request: Request, payment: Payment) => {
    const { method, url, headers, signal } = request;
    const body = await request.text();
    const shown = parts.get(headers.get("authorization")?.replace(/^L402 |:.*/g, "") ?? "") ?? [];
    const counted = [accountOf(payment.paymentHash), ...shown.map(({ account }) => account)];
    for (const account of counted) {
      account.begun++;
      account.running++;
    }
    trace(`${origin} handles ${method} ${url} for ${nameOf(payment.paymentHash)}`);
    checkServed(server, request, payment, body, shown);
    let isRunning = true;
    const stop = () => {
      for (const account of counted) if (isRunning) account.running--;
      isRunning = false;
    };
    // What a GET took comes back as soon as its client leaves, even if its handler works on.
    if (method === "GET") signal.addEventListener("abort", stop);
    let status = 500;
    try {
      const isSlow = chance(faults.slowHandler);
      await pause(isSlow ? whole(1000, 40_000) : whole(1, 100));
      // What takes long often takes too long.
      if (isSlow ? chance(0.4) : chance(faults.handlerFails) && chance(0.3)) throw new Error("the handler failed");
      status = chance(faults.handlerFails) ? pick(400, 404, 500, 503) : url.endsWith("/form") ? 303 : 200;
      const location = chance(faults.handlerFails) ? "/one" : "/receipt";
      return new Response(`goods of ${url}`, { status, ...(status === 303 && { headers: { location } }) });
    } finally {
      // What the documentation says of a request that fails, and of one whose client leaves.
      const isKept = signal.aborted ? method !== "GET" : status < 500;
      stop();
      for (const account of counted) if (isKept) account[server.isDead ? "lost" : "kept"]++;
    }
  };

  function startServer() {
    const server: Server = { isDead: false, isWorker: chance(0.2), skewMs: 0, slowestMs: 0, late: new Map() };
    const raise = chance(faults.priceChanges) ? pick(...RAISES) : 0;
    const paywall = createPaywall({
      provider: providerOf(origin, provesPayment),
      secret: chance(0.5) ? secrets : secrets.toReversed(),
      tokenFormat,
      useStore: storeOf(server),
      network: "regtest",
      paymentLog: log,
      challengeLimiter: false,
      onEvent: show,
    });
    const gates = Object.entries(ROUTES).map(([path, { terms }]) => {
      const today = typeof terms === "function" ? terms : { ...terms, price: terms.price + raise };
      return [path, withL402(paywall, today as Terms, handlerOf(server))] as const;
    });
    return { server, gates: new Map(gates) };
  }

  const servers = Array.from({ length: whole(1, 3) }, startServer);

  async function noteAnswer(answer: Response, path: string, server: Server, began: number, owned = "") {
    const { code, paymentHash, price, uses, expiresAt, validForSeconds } = (await answer.json()) as {
      code: string;
      paymentHash?: string;
      price: { sats: number };
      uses: Sale["uses"];
      expiresAt: string;
      validForSeconds: number;
    };
    if (paymentHash) {
      const sale = { path, amountMsat: price.sats * 1000, uses };
      sales.set(paymentHash, { ...sale, expiresAt: Date.parse(expiresAt) + validForSeconds * 1000 });
    }
    const lateSince = server.late.get(owned) ?? Number.POSITIVE_INFINITY;
    if (code === "CREDENTIAL_USED_UP" && lateSince < began && time.now() < lateSince + COMING_BACK_MS)
      problems.push(`${nameOf(owned)} is called used up, although a use of it comes back.`);
  }

  return {
    origin,
    provesPayment,
    log,
    sales,
    accounts,
    parts,
    hasLostServers: () => hasLostServers,
    /** Answers a request. Rejects if the server dies meanwhile. */
    async serve(request: Request, owned: string | undefined): Promise<Response> {
      const { pathname } = new URL(request.url);
      const { server, gates } = pick(...servers);
      const began = time.now();
      const moved = MOVED[pathname];
      if (moved) return new Response(null, { status: moved.status, headers: { location: moved.location } });
      const gate = gates.get(pathname);
      if (!gate) return new Response("free", { status: pathname === "/receipt" ? 200 : 404 });
      const run = () => gate(request).catch(() => new Response("an error", { status: 500 }));
      const answer = await time.on(() => server.skewMs, run);
      if (server.isDead) throw new Error("The server has died.");
      if (answer.status === 402) await noteAnswer(answer.clone(), pathname, server, began, owned);
      return answer;
    },
    /** Somebody who has a credential hands on a part of it. */
    handOn(token: string, part: string, narrowed: Omit<Part, "account">): void {
      parts.set(part, [{ ...narrowed, account: newAccount() }, ...(parts.get(token) ?? [])]);
    },
    /** One server dies, and another one is started in its place. */
    replaceServer() {
      const [dead] = servers.splice(whole(0, servers.length - 1), 1, startServer());
      if (dead) dead.server.isDead = true;
      hasLostServers = true;
    },
    /** The clock of one server is set. */
    setClock() {
      const { server } = pick(...servers);
      server.skewMs = whole(-SKEW_MS, SKEW_MS);
      server.slowestMs = Math.min(server.slowestMs, server.skewMs);
    },
  };
}

/** How far the servers' clocks may differ. */
const SKEW_MS = 300_000;
/** How long a request may take from the check of its token until its handler begins. */
const GATE_MS = 10_000;
/** How long a use that may come back is waited for. */
const COMING_BACK_MS = 600_000;

export type Seller = ReturnType<typeof openSeller>;
