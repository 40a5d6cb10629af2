import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Invoice, InvoiceState, LightningProvider, LightningWallet, PaymentResult } from "@l402/core";

interface Served {
  url: string;
  close(): void;
}

interface Node {
  provider: LightningProvider;
  wallet: LightningWallet;
}

/** Lets other processes use a node of this one: it goes on when they are killed, as a real one does. `beforeAnswer`: after a
 * call was carried out, and before its answer leaves. */
export async function serveNode({ provider, wallet }: Node, beforeAnswer = (_: string) => {}): Promise<Served> {
  const calls: Record<string, (input: never) => Promise<unknown>> = {
    createInvoice: (input) => provider.createInvoice(input),
    lookupInvoice: (input) => provider.lookupInvoice(input),
    payInvoice: (input) => wallet.payInvoice(input),
    lookupPayment: (input) => wallet.lookupPayment(input),
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { call, input } = JSON.parse(text);
    const answer = JSON.stringify(await calls[call]?.(input as never));
    beforeAnswer(call);
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The node of another process. */
export function remoteNode(url: string): Node {
  async function call<Result>(name: string, input: unknown): Promise<Result> {
    const response = await fetch(url, { method: "POST", body: JSON.stringify({ call: name, input }) });
    const instants = ["expiresAt", "settledAt"];
    return JSON.parse(await response.text(), (key, value) => (instants.includes(key) ? new Date(value) : value));
  }
  return {
    provider: {
      name: "remote",
      preimageProvesPayment: true,
      createInvoice: ({ signal, ...input }) => call<Invoice>("createInvoice", input),
      lookupInvoice: (ref) => call<InvoiceState>("lookupInvoice", ref),
    },
    wallet: {
      name: "remote",
      payInvoice: ({ signal, ...input }) => call<PaymentResult>("payInvoice", input),
      lookupPayment: (hash) => call<PaymentResult>("lookupPayment", hash),
    },
  };
}
