import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { fakeClock, fakeLightning } from "@l402/testing";
import { createL402Client, type L402ClientOptions } from "../src/index.ts";
import { type Seen, startHttpServer } from "./http-server.ts";

/** What a seller answers instead of what it should; nothing is the ordinary answer. */
export interface SellerHabits {
  /** Without a credential. */
  challenge?: (sale: Sale, request: Seen, response: ServerResponse) => unknown;
  /** With one, whatever it is. */
  redeem?: ((request: Seen, response: ServerResponse) => unknown) | undefined;
  sats?: number;
}

export interface Sale {
  bolt11: string;
  token: string;
  /** How many challenges there were before. */
  count: number;
}

/** A seller that can be told to cheat, over real HTTP, and a buyer with a Lightning node in memory. */
export async function openSeller({ challenge, redeem, sats = 10 }: SellerHabits = {}) {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });
  let count = 0;
  const server = await startHttpServer(async (request, response) => {
    const { authorization } = request.headers;
    if (authorization?.startsWith("L402 ")) {
      if (redeem) await redeem(request, response);
      else response.end(`goods for ${authorization.length}`);
      return;
    }
    const { bolt11 } = await lightning.provider.createInvoice({
      amountMsat: sats * 1000,
      description: "goods",
      expiresInSeconds: 600,
    });
    const sale = { bolt11, token: tokenOf(bolt11), count: count++ };
    if (challenge) await challenge(sale, request, response);
    else ask(response, sale);
  });
  return {
    ...server,
    clock,
    lightning,
    url: `${server.origin}/goods`,
    client: (options: Partial<L402ClientOptions> = {}) =>
      createL402Client({ wallet: lightning.wallet, network: "regtest", clock, ...options }),
  };
}

/** Opaque, as the tokens of other sellers are. */
const tokenOf = (bolt11: string) => createHash("sha256").update(bolt11).digest("base64");

/** The ordinary challenge. */
export function ask(response: ServerResponse, { bolt11, token }: Pick<Sale, "bolt11" | "token">, body?: object): void {
  response.writeHead(402, {
    "www-authenticate": `L402 macaroon="${token}", invoice="${bolt11}"`,
    ...(body && { "content-type": "application/json" }),
  });
  response.end(body && JSON.stringify(body));
}
