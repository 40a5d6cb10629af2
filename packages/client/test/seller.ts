import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { fakeClock, fakeLightning } from "@l402/testing";
import { createL402Client, type L402ClientOptions } from "../src/index.ts";
import { type Seen, startHttpServer } from "./http-server.ts";

/** How a seller misbehaves. Without a function, it answers as it should. */
export interface SellerHabits {
  /** Answers a request without a credential. */
  challenge?: (sale: Sale, request: Seen, response: ServerResponse) => unknown;
  /** Answers a request with a credential, valid or not. */
  redeem?: ((request: Seen, response: ServerResponse) => unknown) | undefined;
  sats?: number;
}

export interface Sale {
  bolt11: string;
  token: string;
  /** The number of earlier challenges. */
  count: number;
}

/** Opens a seller over real HTTP, which can cheat, and a buyer with a Lightning node in memory. */
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

/** A token that the client cannot read, like those of other sellers. */
const tokenOf = (bolt11: string) => createHash("sha256").update(bolt11).digest("base64");

/** The ordinary challenge. */
export function ask(response: ServerResponse, { bolt11, token }: Pick<Sale, "bolt11" | "token">, body?: object): void {
  response.writeHead(402, {
    "www-authenticate": `L402 macaroon="${token}", invoice="${bolt11}"`,
    ...(body && { "content-type": "application/json" }),
  });
  response.end(body && JSON.stringify(body));
}
