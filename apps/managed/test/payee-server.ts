import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { signInvoice } from "@l402/bolt11/signature";
import { decodeInvoice, type LightningProvider } from "@l402/core";

const NODE_KEY = "402".padStart(64, "0");

/** What a user of the server can do wrong. Each is asked with what an honest answer would be. */
export interface PayeeTraps {
  terms?(honest: Record<string, unknown>): unknown;
  invoice?(honest: Record<string, unknown>): unknown;
  /** Answers the request itself. */
  request?(request: IncomingMessage, response: ServerResponse): boolean;
}

interface Payee extends PayeeTraps {
  minSendable: number;
  maxSendable: number;
  isDown: boolean;
  hasVerify: boolean;
  /** What was asked, without the terms. */
  invoices: string[];
  requests: number;
}

export interface PayeeServer {
  address(user: string): string;
  /** A user and how it behaves; made when it is first named. */
  user(name: string): Payee;
  close(): void;
}

/** The node behind the server: its invoices commit to a description's hash. */
export interface PayeeNode {
  createInvoice(amountMsat: number, descriptionHash: string): Promise<{ bolt11: string; paymentHash: string }>;
  isSettled(paymentHash: string): Promise<boolean>;
}

/** A fake Lightning node as a payee's. */
export const fakePayeeNode = (provider: LightningProvider): PayeeNode => ({
  async createInvoice(amountMsat, descriptionHash) {
    const order = { amountMsat, description: "replaced", expiresInSeconds: 600 };
    const { bolt11, paymentHash } = await provider.createInvoice(order);
    const { network, paymentSecret, timestamp, expiresAt } = decodeInvoice(bolt11);
    const fields = {
      network,
      paymentSecret: String(paymentSecret),
      timestamp,
      expiresAt,
      paymentHash,
      descriptionHash,
    };
    return { bolt11: signInvoice({ ...fields, amountMsat: BigInt(amountMsat) }, NODE_KEY), paymentHash };
  },
  isSettled: async (paymentHash) => (await provider.lookupInvoice({ paymentHash })).status === "settled",
});

/** The server of merchants' Lightning Addresses, as LUD-06, 16 and 21 have it. */
export async function startPayeeServer(node: PayeeNode): Promise<PayeeServer> {
  const users = new Map<string, Payee>();
  const given = new Map<string, string>();
  const user = (name: string): Payee => {
    const known = users.get(name);
    if (known) return known;
    const made: Payee = {
      ...{ minSendable: 1_000, maxSendable: 100_000_000_000, isDown: false, hasVerify: true },
      ...{ invoices: [], requests: 0 },
    };
    users.set(name, made);
    return made;
  };

  async function makeInvoice(name: string, amountMsat: number): Promise<Record<string, unknown>> {
    const hash = createHash("sha256").update(metadataOf(name)).digest("hex");
    const { bolt11: pr, paymentHash } = await node.createInvoice(amountMsat, hash);
    given.set(paymentHash, pr);
    return { status: "OK", pr, routes: [], ...(user(name).hasVerify && { verify: `${url}/verify/${paymentHash}` }) };
  }

  async function verify(paymentHash: string): Promise<object> {
    const pr = given.get(paymentHash);
    return { status: "OK", settled: pr !== undefined && (await node.isSettled(paymentHash)), preimage: null, pr };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? "", url);
    const send = (body: unknown) =>
      void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    const [, kind, name = ""] = /^\/(\.well-known\/lnurlp|callback|verify)\/([\w-]+)$/.exec(asked.pathname) ?? [];
    if (kind === "verify") return send(await verify(name));
    const payee = user(name);
    payee.requests++;
    if (payee.request?.(request, response)) return;
    if (payee.isDown) return void response.writeHead(503).end("down");
    if (kind !== "callback") {
      const { minSendable, maxSendable } = payee;
      const callback = `${url}/callback/${name}`;
      const honest = { tag: "payRequest", callback, minSendable, maxSendable, metadata: metadataOf(name) };
      return send(payee.terms ? payee.terms(honest) : honest);
    }
    const amountMsat = Number(asked.searchParams.get("amount"));
    if (amountMsat < payee.minSendable || amountMsat > payee.maxSendable)
      return send({ status: "ERROR", reason: "no" });
    const honest = await makeInvoice(name, amountMsat);
    payee.invoices.push(String(honest.pr));
    send(payee.invoice ? payee.invoice(honest) : honest);
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}`;
  return {
    user,
    address: (name) => `${name}@${host}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const metadataOf = (name: string) => JSON.stringify([["text/plain", `Payment to ${name}`]]);
