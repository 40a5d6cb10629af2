import type { HttpBindings } from "@hono/node-server";
import { createMemoryChallengeLimiter, customersOf } from "@l402/core";
import type { Context } from "hono";
import { createFactory } from "hono/factory";
import type { Merchant, Owner } from "../merchants/merchants.ts";
import { problem, problemOf } from "../problem.ts";
import type { Service } from "../service.ts";
import { clientAddress } from "./client-address.ts";
import { createKnownKeys } from "./known-keys.ts";
import { keyIn } from "./merchant-key.ts";
import { createRateLimits } from "./rate-limits.ts";

export interface ApiOptions {
  /** Whether a proxy in front writes `X-Forwarded-For`. Without one, clients would write it themselves. */
  trustProxy?: boolean;
  /** How long a request may take. Default 20 s. */
  timeLimitSeconds?: number;
  /** Hears of errors that are nobody's fault but ours. */
  onError?(error: Error): void;
}

export interface ApiEnv {
  Bindings: HttpBindings;
  Variables: { merchant: Merchant; owner: Owner };
}

/** Many merchants may share an app server: how many of their limits one client has for all its keys. */
const MERCHANTS_OF_CLIENT = 4;
/** How many clients' limits an IPv6 /48 has, as at a paywall. */
const CLIENTS_OF_NETWORK = 5;
/** How many clients' limits all without a key have together. */
const CLIENTS_IN_ALL = 20;

export type ApiParts = ReturnType<typeof createApiParts>;

/** What the routes share: who asks, and whether they may. */
export function createApiParts(service: Service, { trustProxy = false }: ApiOptions) {
  const { requestsPerSecond, clock } = service.settings;
  const limits = createRateLimits(requestsPerSecond, clock);
  // Of those without a key: 60 a minute for a client, 3000 for all.
  const invoiceLimiter = createMemoryChallengeLimiter({ clock });
  const knownKeys = createKnownKeys();
  const factory = createFactory<ApiEnv>();
  const addressOf = (c: Context<ApiEnv>) => {
    const forwardedFor = trustProxy ? c.req.header("x-forwarded-for") : undefined;
    return clientAddress(c.env?.incoming?.socket.remoteAddress, forwardedFor);
  };
  /** SECURITY: a /48 can be had for free, so its clients share a limit (http-limits.test.ts, "one IPv6 network"). */
  const costsOf = (c: Context<ApiEnv>, kind: string, cost: number) =>
    customersOf(addressOf(c)).map(
      (name, i) => [`${kind} ${name}`, i === 0 ? cost : cost / CLIENTS_OF_NETWORK] as const,
    );
  const takeOfStranger = (c: Context<ApiEnv>, cost: number) =>
    limits.takeOfEach([...costsOf(c, "client", cost), ["all without a key", cost / CLIENTS_IN_ALL]]);

  /**
   * By the key in a request, looked up as a merchant's or as an owner's. Whoever has none has the limit of an address.
   *
   * SECURITY: anybody may register, so keys alone would be as many limits as one likes (http-limits.test.ts, "many keys").
   */
  async function recognize<Who extends Merchant>(
    c: Context<ApiEnv>,
    look: (key: string) => Promise<Who>,
  ): Promise<Who | undefined> {
    let key: string | undefined;
    try {
      key = keyIn(c.req.header("authorization"));
    } catch (error) {
      takeOfStranger(c, 1);
      throw error;
    }
    if (key === undefined) {
      takeOfStranger(c, 1);
      return undefined;
    }
    // SECURITY: counted before the database is asked, and apart from requests without a key, so that no stranger keeps a
    // merchant out whose key has been seen (http-limits.test.ts, "made-up keys").
    if (!knownKeys.has(key)) limits.takeOfEach(costsOf(c, "unknown keys of", 1));
    let who: Who;
    try {
      who = await look(key);
    } catch (error) {
      if (problemOf(error)?.code === "KEY_WRONG") knownKeys.forget(key);
      throw error;
    }
    knownKeys.remember(key);
    // What the merchant is refused counts for nobody else at the same address.
    limits.take(`merchant ${who.id}`);
    limits.takeOfEach(costsOf(c, "keys of", 1 / MERCHANTS_OF_CLIENT));
    return who;
  }

  // SECURITY: found by its hash, so the time it takes tells nothing of the key (http-attacks.test.ts, "by its hash").
  const anybody = (c: Context<ApiEnv>) => recognize(c, (key) => service.merchants.byKey(key));

  return {
    service,
    factory,
    /** The merchant whose key a request carries, if any. */
    anybody,
    /** Of whom a client is one, for turns. */
    customerOf: (c: Context<ApiEnv>) => customersOf(addressOf(c))[0] as string,
    /** For what anybody may do: counted as so many requests of the client, and of all without a key. */
    limitStranger: takeOfStranger,
    /** The same without the others, for what must go on while many send much: the watch on the service, and webhooks. */
    limitClient: (c: Context<ApiEnv>, cost: number) => limits.takeOfEach(costsOf(c, "client", cost)),
    /** SECURITY: before an invoice for whoever has no key, as at a paywall (http-limits.test.ts, "invoices without a key"). */
    async limitInvoices(c: Context<ApiEnv>): Promise<void> {
      const allowance = await invoiceLimiter.take(addressOf(c));
      if (allowance.allowed) return;
      throw problem(
        "TOO_MANY_REQUESTS",
        "Too many invoices were created without an API key. Wait before you try again, or register an account with POST /v1/merchants.",
        allowance.retryAfterSeconds,
      );
    },
    /** Lets only merchants pass. */
    onlyMerchants: factory.createMiddleware(async (c, next) => {
      const merchant = await anybody(c);
      if (!merchant) throw problem("KEY_MISSING", "Send your API key as `Authorization: Bearer <key>`.");
      c.set("merchant", merchant);
      await next();
    }),
    /** SECURITY: what moves money takes the owner's key, which no app needs (http-attacks.test.ts, "the key of an app"). */
    onlyOwners: factory.createMiddleware(async (c, next) => {
      const owner = await recognize(c, (key) => service.merchants.byOwnerKey(key));
      if (!owner) throw problem("KEY_MISSING", "Send the owner's key as `Authorization: Bearer <key>`.");
      c.set("owner", owner);
      await next();
    }),
  };
}
