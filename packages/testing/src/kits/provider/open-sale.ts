import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Clock,
  createMemoryUseStore,
  createPaywall,
  formatCredential,
  type Invoice,
  parseChallenges,
} from "@l402/core";
import { withL402 } from "@l402/core/web";
import { answerOf } from "../expectations.ts";
import { pause } from "../kit-time.ts";
import type { ProviderSubject } from "../provider.ts";

const SECRET = "a secret for tests, at least 32 bytes long";

type Sale = Awaited<ReturnType<typeof openSale>>;

/** Runs a shop on this computer that sells with the provider, for one case. */
export async function withSale(subject: ProviderSubject, visit: (sale: Sale) => Promise<void>): Promise<void> {
  const sale = await openSale(subject);
  try {
    await visit(sale);
  } finally {
    sale.close();
  }
}

async function openSale(subject: ProviderSubject) {
  const provider = await subject.create();
  const { clock: backendClock = () => new Date() } = subject;
  let ahead = 0;
  const clock: Clock = () => new Date(backendClock().getTime() + ahead);
  const invoices: Invoice[] = [];
  /** The reason for a 503 response, which does not state one itself. */
  let failure: { error: unknown } | undefined;
  let sold = 0;
  const paywall = createPaywall({
    provider: {
      ...provider,
      async createInvoice(input) {
        try {
          const invoice = await provider.createInvoice(input);
          invoices.push(invoice);
          return invoice;
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    },
    secret: SECRET,
    useStore: createMemoryUseStore({ clock }),
    network: subject.network,
    clock,
  });
  const shop = withL402(paywall, { price: 21 }, () => {
    sold++;
    return new Response("the goods");
  });
  const server = await serve(shop);
  const ask = (token: string, preimage: string) =>
    // Send the text as it is: formatCredential would convert the preimage to lower case.
    fetch(server.url, { headers: { authorization: formatCredential(token, "").concat(preimage) } });

  return {
    ...server,
    ask,
    sold: () => sold,
    /** Moves the seller's clock forward by a day. */
    expire: () => {
      ahead = 86_400_000;
    },
    async order(): Promise<{ token: string; invoice: Invoice }> {
      const response = await answerOf(() => fetch(server.url), subject.patienceSeconds);
      if (response.status === 503 && failure) throw failure.error;
      assert.equal(response.status, 402, "Without a payment there must be an invoice.");
      const [challenge] = parseChallenges(response.headers.get("www-authenticate"));
      const invoice = invoices.find(({ bolt11 }) => bolt11 === challenge?.invoice);
      assert.ok(challenge && invoice, "The challenge has another invoice than the provider's.");
      return { token: challenge.token, invoice };
    },
    async pay(invoice: Invoice): Promise<string> {
      const answer = await subject.settle(invoice);
      const preimage = typeof answer === "string" ? answer : answer?.preimage;
      assert.ok(typeof preimage === "string", "The hook settle has to answer the preimage that the payer got.");
      return preimage;
    },
    /** Repeats the request while the paywall asks for a retry, because backends take a moment to notice a payment. */
    async askPatiently(token: string, preimage: string): Promise<Response> {
      const end = performance.now() + (subject.patienceSeconds ?? 3) * 1000;
      let response = await ask(token, preimage);
      while (response.headers.has("retry-after") && performance.now() < end) {
        await pause(0.1);
        response = await ask(token, preimage);
      }
      return response;
    },
  };
}

/** Serves a fetch handler over HTTP. */
async function serve(handler: (request: Request) => Promise<Response>): Promise<{ url: string; close(): void }> {
  const server = createServer(async ({ url = "/", headers }, outgoing) => {
    const { authorization } = headers;
    const request = new Request(`http://shop.example${url}`, authorization ? { headers: { authorization } } : {});
    const response = await handler(request);
    outgoing.writeHead(response.status, [...response.headers].flat()).end(await response.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/goods`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
