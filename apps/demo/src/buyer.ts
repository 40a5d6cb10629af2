import { decodeInvoice } from "@l402/bolt11";
import { formatCredential, type LightningWallet, parseChallenges } from "@l402/core";
import type { Step } from "./story.ts";
import { tellResponse } from "./tell-response.ts";
import { satsOf, tellingWallet } from "./telling-wallet.ts";

/** The most that the tour pays for one thing. */
const BUDGET_SATS = 1000;

/** A request for something that is sold. */
export interface Order {
  method: "GET" | "POST";
  path: string;
  body?: string;
}

/** Buys over HTTP by hand and tells every step, which the client does by itself. Answers the credential. */
export async function buy(
  shop: string,
  wallet: LightningWallet,
  order: Order,
  tell: (step: Step) => void,
): Promise<string> {
  const unpaid = await ask(shop, order, tell);
  const [challenge] = parseChallenges(unpaid.headers.get("www-authenticate"));
  if (!challenge) throw new Error(`${order.path} asks for no payment: ${unpaid.status}`);

  const invoice = decodeInvoice(challenge.invoice);
  const sats = satsOf(invoice);
  if (sats === 0 || sats > BUDGET_SATS) throw new Error(`${sats} sats is not what this buyer pays.`);
  const { uses } = (await unpaid.json()) as { uses: number | "unlimited" };
  const expiresInSeconds = (invoice.expiresAt.getTime() - invoice.timestamp.getTime()) / 1000;
  tell({ step: "payment-required", status: unpaid.status, sats, uses, expiresInSeconds });

  const payment = await tellingWallet(wallet, tell).payInvoice({ bolt11: challenge.invoice, maxFeeMsat: 5000 });
  if (payment.status !== "paid") throw new Error(`The payment is ${payment.status}: ${payment.reason}`);
  return formatCredential(challenge.token, payment.preimage);
}

/** Asks with a credential, and tells what comes back. */
export async function collect(
  shop: string,
  order: Order,
  credential: string,
  tell: (step: Step) => void,
  note = "with the token and the proof",
): Promise<Response> {
  const response = await ask(shop, order, tell, credential, note);
  await tellResponse(response, tell);
  return response;
}

async function ask(shop: string, order: Order, tell: (step: Step) => void, credential?: string, note?: string) {
  const { method, path, body } = order;
  tell({ step: "request", method, path, ...(note && { note }) });
  return fetch(shop + path, {
    method,
    ...(body !== undefined && { body }),
    headers: credential === undefined ? {} : { authorization: credential },
  });
}
