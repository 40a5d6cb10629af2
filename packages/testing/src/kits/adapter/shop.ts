import assert from "node:assert/strict";
import {
  createMemoryUseStore,
  createPaywall,
  L402Error,
  type PaywallOptions,
  type Terms,
  type UseStore,
} from "@l402/core";
import { type FakeLightning, fakeLightning } from "../../fake-lightning.ts";
import { payChallenge } from "../../pay-challenge.ts";
import type { AdapterRoute, AdapterSubject, HandlerTask } from "../adapter.ts";
import { pause } from "../kit-time.ts";
import { type Answer, connectHttp1, type HttpClient, type Outgoing } from "./http-client.ts";

/** A route for a case. A case leaves out the fields that do not matter to it. */
export interface RouteSketch {
  method?: AdapterRoute["method"];
  path: string;
  mount?: string;
  terms?: AdapterRoute["terms"];
  /** Called at every run of the handler. Default: reply with 200. */
  task?: () => HandlerTask;
}

/** A running server with paid routes, its Lightning node, and a buyer. */
export interface Shop extends Omit<HttpClient, "close"> {
  readonly lightning: FakeLightning;
  /** The number of handler runs of all routes. */
  readonly runs: number;
  readonly store: SpiedStore;
  /** Gets the 402 of a request, pays it, and returns the `Authorization` value. */
  buy(path: string, outgoing?: Outgoing): Promise<string>;
}

const SECRET = "the secret of a shop that sells nothing";
const ONE_USE: Terms = { price: 21 };

/** Opens a shop for one case and closes it afterwards. */
export async function withShop(
  subject: AdapterSubject,
  routes: readonly RouteSketch[],
  visit: (shop: Shop) => Promise<void>,
  options: Pick<PaywallOptions, "page" | "onEvent" | "challengeLimiter"> = {},
  connect: (url: string) => HttpClient = connectHttp1,
): Promise<void> {
  const lightning = fakeLightning();
  const store = spyOn(createMemoryUseStore());
  const paywall = createPaywall({
    provider: lightning.provider,
    secret: SECRET,
    useStore: store,
    network: "regtest",
    challengeLimiter: false,
    ...options,
  });
  let runs = 0;
  const server = await subject.start({
    paywall,
    routes: routes.map(({ method = "GET", path, mount = "", terms = ONE_USE, task = replyOk }) => ({
      method,
      path,
      mount,
      terms,
      run() {
        runs++;
        return task();
      },
    })),
  });
  const client = connect(server.url);
  const shop: Shop = {
    ...client,
    lightning,
    store,
    get runs() {
      return runs;
    },
    async buy(path, outgoing) {
      const answer = await shop.send(path, outgoing);
      assert.equal(answer.status, 402, "A request that has not paid must be answered with 402.");
      return payChallenge(lightning.wallet, answer.lines("WWW-Authenticate"));
    },
  };
  try {
    await visit(shop);
  } finally {
    client.close();
    await server.close();
  }
}

export const replyOk = (): HandlerTask => ({ type: "reply", status: 200, body: "the goods" });

/** A use store that counts its calls and can be broken. */
interface SpiedStore extends UseStore {
  consumes: number;
  releases: number;
  broken: boolean;
  /** While this is set, a use is counted only after the promise resolves. */
  slow: Promise<void> | undefined;
}

function spyOn(store: UseStore): SpiedStore {
  const spied: SpiedStore = {
    consumes: 0,
    releases: 0,
    broken: false,
    slow: undefined,
    consume(use) {
      spied.consumes++;
      if (spied.broken) throw new L402Error("STORE_UNAVAILABLE", "The use store was told to fail.");
      return spied.slow ? spied.slow.then(() => store.consume(use)) : store.consume(use);
    },
    release(use) {
      spied.releases++;
      return store.release(use);
    },
  };
  return spied;
}

/**
 * Checks how many uses were given back. Some adapters notice a failure only when a response ends, which takes a moment.
 */
export async function expectReleases({ store }: Shop, releases: number): Promise<void> {
  await until(() => store.releases >= releases);
  assert.equal(store.releases, releases, "Of every request that failed exactly one use must be given back.");
}

/** Waits until a condition on the server is true, for at most a second. */
export async function until(happened: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100 && !happened(); attempt++) await pause(0.01);
}

/** Checks that a request was refused with a document that a program can read. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status);
  assert.match(answer.header("Content-Type"), /^application\/problem\+json/);
  assert.equal((JSON.parse(answer.body) as { code?: unknown }).code, code);
}
