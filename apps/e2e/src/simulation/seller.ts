import {
  createMemoryPaymentLog,
  createMemoryUseStore,
  createPaywall,
  type Payment,
  type Terms,
  type Use,
  type UseStore,
} from "@l402/core";
import { withL402 } from "@l402/core/web";
import type { Lightning } from "./lightning.ts";
import type { Simulation } from "./simulation.ts";
import { never, pause } from "./virtual-time.ts";

/** What one payment was said to buy. */
export interface Sale {
  path: string;
  method: string;
  amountMsat: number;
  uses: number | "unlimited";
  isComputed: boolean;
  expiresAt: number;
}

/** What the handlers and the use store saw of one payment. */
interface Account {
  /** Uses that the store counted, and those it got back. */
  counted: number;
  returned: number;
  /** Handlers that began, that run, and that ended so that their use is kept. */
  begun: number;
  running: number;
  kept: number;
  /** Uses that nobody can give back: the store was down, or the server died. */
  lost: number;
}

const VALID = { validForSeconds: 1_000_000 };
export const ROUTES: Record<string, { method: string; terms: Terms | ((request: Request) => Promise<Terms>) }> = {
  "/one": { method: "GET", terms: { price: 10, ...VALID } },
  "/three": { method: "GET", terms: { price: 20, uses: 3, ...VALID } },
  "/news/a": { method: "GET", terms: { price: 15, uses: 4, resource: "news", ...VALID } },
  "/news/b": { method: "GET", terms: { price: 15, uses: 4, resource: "news", ...VALID } },
  "/pass": { method: "GET", terms: { price: 30, uses: "unlimited", resource: "pass", ...VALID } },
  "/pass/in": { method: "GET", terms: { price: 30, uses: "unlimited", resource: "pass", ...VALID } },
  "/order": { method: "POST", terms: { price: 12, ...VALID } },
  "/words": { method: "POST", terms: async (request) => ({ price: (await request.text()).length, ...VALID }) },
};

const MOVED: Record<string, string> = { "/moved": "/one", "/moved-order": "/order" };

/** A shop on one to three servers, which share one use store, one secret and one payment log. */
export function openSeller(simulation: Simulation, { invoices, providerOf }: Lightning, origin: string) {
  const { random, time, faults, problems, trace, nameOf, show } = simulation;
  const { chance, pick, whole } = random;
  const log = createMemoryPaymentLog();
  const counts = createMemoryUseStore({ clock: () => new Date(time.now()) });
  const sales = new Map<string, Sale>();
  const accounts = new Map<string, Account>();
  const provesPayment = chance(0.7);

  const accountOf = (paymentHash: string): Account => {
    const account = accounts.get(paymentHash) ?? { counted: 0, returned: 0, begun: 0, running: 0, kept: 0, lost: 0 };
    accounts.set(paymentHash, account);
    return account;
  };

  /** The shared store, as one server reaches it: some calls fail, and some take effect and answer too late. */
  const storeOf = (server: { isDead: boolean }): UseStore => ({
    async consume(use) {
      await pause(whole(0, 30));
      const trouble = chance(faults.useStore) && pick("down", "counts late", "answers late");
      if (trouble === "down") throw new Error("the password of the store");
      if (trouble === "counts late") await pause(whole(2500, 20_000));
      if (server.isDead) return never();
      const left = counts.consume(use) as number | false;
      if (left !== false) accountOf(use.key).counted++;
      if (trouble === "answers late") await pause(whole(2500, 20_000));
      if (server.isDead && left !== false) accountOf(use.key).lost++;
      return server.isDead ? never() : left;
    },
    async release(use: Use) {
      await pause(whole(0, 30));
      const account = accountOf(use.key);
      if (server.isDead || chance(faults.release)) {
        account.lost++;
        throw new Error("the password of the store");
      }
      await counts.release(use);
      account.returned++;
    },
  });

  const handlerOf = (server: { isDead: boolean }) => async (request: Request, payment: Payment) => {
    const { paymentHash } = payment;
    const name = nameOf(paymentHash);
    const account = accountOf(paymentHash);
    const sale = sales.get(paymentHash);
    account.begun++;
    account.running++;
    trace(`${origin} handles ${request.method} ${request.url} for ${name}`);
    if (!invoices.get(paymentHash)?.isSettled) problems.push(`A handler ran for ${name}, which is not paid.`);
    if (!sale || resourceOf(sale.path) !== resourceOf(new URL(request.url).pathname))
      problems.push(`${name} opens more.`);
    if (sale?.uses !== "unlimited") {
      if (account.begun > account.counted) problems.push(`A handler ran without a use of ${name}.`);
      if (account.kept + account.running > Number(sale?.uses)) problems.push(`${name} is used too often.`);
    }
    let status = 500;
    try {
      await pause(chance(faults.slowHandler) ? whole(1000, 40_000) : whole(1, 100));
      if (chance(faults.handlerFails) && chance(0.3)) throw new Error("the handler failed");
      status = chance(faults.handlerFails) ? pick(400, 404, 500, 503) : 200;
      return new Response(`goods of ${request.url}`, { status });
    } finally {
      account.running--;
      // What the documentation says of a request that fails, and of one whose client leaves.
      const isKept = request.signal.aborted ? request.method !== "GET" : status < 500;
      if (isKept) account[server.isDead ? "lost" : "kept"]++;
    }
  };

  function startServer() {
    const server = { isDead: false };
    const skewMs = chance(faults.clock) ? whole(-30_000, 30_000) : 0;
    const paywall = createPaywall({
      provider: providerOf(origin, provesPayment),
      secret: "a secret for tests, at least 32 bytes long",
      useStore: storeOf(server),
      network: "regtest",
      paymentLog: log,
      challengeLimiter: false,
      clock: () => new Date(time.now() + skewMs),
      onEvent: show,
    });
    const gates = Object.entries(ROUTES).map(
      ([path, { terms }]) => [path, withL402(paywall, terms as Terms, handlerOf(server))] as const,
    );
    return { server, gates: new Map(gates) };
  }

  const servers = Array.from({ length: whole(1, 3) }, startServer);

  async function noteSale(answer: Response, path: string): Promise<void> {
    const { paymentHash, price, uses, expiresAt, validForSeconds } = (await answer.json()) as {
      paymentHash?: string;
      price: { sats: number };
      uses: Sale["uses"];
      expiresAt: string;
      validForSeconds: number;
    };
    const { method = "", terms } = ROUTES[path] ?? {};
    const sale = { path, method, amountMsat: price?.sats * 1000, uses, isComputed: typeof terms === "function" };
    if (paymentHash) sales.set(paymentHash, { ...sale, expiresAt: Date.parse(expiresAt) + validForSeconds * 1000 });
  }

  return {
    origin,
    log,
    sales,
    accounts,
    /** Answers a request. Rejects if the server dies meanwhile. */
    async serve(request: Request): Promise<Response> {
      const { pathname } = new URL(request.url);
      const { server, gates } = pick(...servers);
      const location = MOVED[pathname];
      if (location) return new Response(null, { status: 307, headers: { location } });
      const gate = gates.get(pathname);
      if (!gate) return new Response("nothing here", { status: 404 });
      const answer = await gate(request).catch(() => new Response("an error", { status: 500 }));
      if (server.isDead) throw new Error("The server has died.");
      if (answer.status === 402) await noteSale(answer.clone(), pathname);
      return answer;
    },
    /** One server dies, and another one is started in its place. */
    replaceServer() {
      const [dead] = servers.splice(whole(0, servers.length - 1), 1, startServer());
      if (dead) dead.server.isDead = true;
    },
  };
}

/** What a payment for a path opens. */
const resourceOf = (path: string): string => {
  const terms = ROUTES[path]?.terms;
  return (typeof terms === "object" && terms.resource) || path;
};

export type Seller = ReturnType<typeof openSeller>;
