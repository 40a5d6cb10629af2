import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { createFactory } from "hono/factory";
import type { Merchant, Owner } from "../merchants/merchants.ts";
import { problem } from "../problem.ts";
import type { Service } from "../service.ts";
import { clientAddress } from "./client-address.ts";
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

export type ApiParts = ReturnType<typeof createApiParts>;

/** What the routes share: who asks, and whether they may. */
export function createApiParts(service: Service, { trustProxy = false }: ApiOptions) {
  const limits = createRateLimits(service.settings.requestsPerSecond, service.settings.clock);
  const factory = createFactory<ApiEnv>();
  const clientOf = (c: Context<ApiEnv>) => {
    const forwardedFor = trustProxy ? c.req.header("x-forwarded-for") : undefined;
    return `client ${clientAddress(c.env?.incoming?.socket.remoteAddress, forwardedFor)}`;
  };

  /**
   * By the key in a request, looked up as a merchant's or as an owner's. Whoever has none has the limit of an address.
   *
   * SECURITY: anybody may register, so keys alone would be as many limits as one likes (http-limits.test.ts, "many keys").
   */
  async function recognize<Who extends Merchant>(
    c: Context<ApiEnv>,
    look: (key: string) => Promise<Who>,
  ): Promise<Who | undefined> {
    let who: Who | undefined;
    try {
      const key = keyIn(c.req.header("authorization"));
      who = key === undefined ? undefined : await look(key);
    } catch (error) {
      limits.take(clientOf(c));
      throw error;
    }
    if (!who) limits.take(clientOf(c));
    else {
      // What the merchant is refused counts for nobody else at the same address.
      limits.take(`merchant ${who.id}`);
      limits.take(`keys of ${clientOf(c)}`, 1 / MERCHANTS_OF_CLIENT);
    }
    return who;
  }

  // SECURITY: found by its hash, so the time it takes tells nothing of the key (http-attacks.test.ts, "by its hash").
  const anybody = (c: Context<ApiEnv>) => recognize(c, (key) => service.merchants.byKey(key));

  return {
    service,
    factory,
    /** The merchant whose key a request carries, if any. */
    anybody,
    /** For what costs more than most: counted as so many requests of the client. */
    limitClient: (c: Context<ApiEnv>, cost: number) => limits.take(clientOf(c), cost),
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
