import { decodeInvoice } from "@l402/bolt11";
import { formatCredential, type LightningWallet, parseChallenges } from "@l402/core";
import type { Step } from "./story.ts";

/** The most that the buyer of this demo pays for one thing. */
const BUDGET_SATS = 1000;

export interface Order {
  method: "GET" | "POST";
  path: string;
  body?: string;
}

/** Buys over HTTP and tells every step. Answers the credential, for asking again. */
export async function buy(
  shop: string,
  wallet: LightningWallet,
  order: Order,
  tell: (step: Step) => void,
): Promise<string> {
  const unpaid = await ask(shop, order, tell);
  const [challenge] = parseChallenges(unpaid.headers.get("www-authenticate"));
  if (!challenge) throw new Error(`${order.path} asks for no payment: ${unpaid.status}`);

  // What counts is what the invoice says, not what the server says about it.
  const invoice = decodeInvoice(challenge.invoice);
  const sats = Number(invoice.amountMsat ?? 0n) / 1000;
  if (sats === 0 || sats > BUDGET_SATS) throw new Error(`${sats} sats is not what this buyer pays.`);
  const { uses } = (await unpaid.json()) as { uses: number | "unlimited" };
  const expiresInSeconds = (invoice.expiresAt.getTime() - invoice.timestamp.getTime()) / 1000;
  tell({ step: "payment-required", status: unpaid.status, sats, uses, expiresInSeconds });

  const start = performance.now();
  const payment = await wallet.payInvoice({ bolt11: challenge.invoice, maxFeeMsat: 5000 });
  if (payment.status !== "paid") throw new Error(`The payment is ${payment.status}: ${payment.reason}`);
  const ms = Math.round(performance.now() - start);
  const proof = payment.preimage.slice(0, 8);
  tell({ step: "paid", sats, feeSats: payment.feeMsat / 1000, ms, proof });

  return formatCredential(challenge.token, payment.preimage);
}

/** Asks with a credential, and tells what comes back, a stream piece by piece. */
export async function collect(
  shop: string,
  order: Order,
  credential: string,
  tell: (step: Step) => void,
  note = "with the token and the proof",
): Promise<Response> {
  const response = await ask(shop, order, tell, credential, note);
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    tell({ step: "response", status: response.status, body: "a stream:" });
    for await (const chunk of response.body ?? []) {
      for (const [, line = ""] of Buffer.from(chunk)
        .toString()
        .matchAll(/^data: (.*)$/gm)) {
        tell({ step: "stream", chunk: line });
      }
    }
    return response;
  }
  const text = await response.text();
  const problem = response.headers.get("content-type") === "application/problem+json";
  const body = problem ? problemInWords(JSON.parse(text)) : text;
  tell({ step: "response", status: response.status, body });
  return response;
}

/** "Credential" is a word that nobody has met yet who sees this for the first time. */
const problemInWords = ({ code, title }: { code: string; title: string }) =>
  code === "CREDENTIAL_USED_UP" ? "Used up: pay again for more" : title;

async function ask(shop: string, order: Order, tell: (step: Step) => void, credential?: string, note?: string) {
  const { method, path, body } = order;
  tell({ step: "request", method, path, ...(note && { note }) });
  return fetch(shop + path, {
    method,
    ...(body !== undefined && { body }),
    headers: credential === undefined ? {} : { authorization: credential },
  });
}
