import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  type Clock,
  createMemoryUseStore,
  createPaywall,
  describeToken,
  formatCredential,
  type Invoice,
  parseChallenges,
} from "@l402/core";
import { withL402 } from "@l402/core/web";
import { answerOf } from "../expectations.ts";
import type { KitCase } from "../kit.ts";
import { pause } from "../kit-time.ts";
import type { ProviderSubject } from "../provider.ts";

const SECRET = "a secret for tests, at least 32 bytes long";
const URL = "https://shop.example/goods";

/** The whole way: 402, payment, 200, and never 200 otherwise. */
export const providerSaleCases: readonly KitCase<ProviderSubject>[] = [
  {
    name: "sells: 402 with an invoice, and 200 once it is paid",
    safety: true,
    async run(subject) {
      const { ask, order, pay } = await openSale(subject);
      const { token, invoice } = await order();
      const preimage = await pay(invoice);
      const response = await patiently(subject, () => ask(token, preimage));
      assert.equal(response.status, 200, "A buyer who paid did not get the goods.");
      assert.equal(await response.text(), "the goods");
    },
  },
  {
    name: "sells a use once: the same credential again is refused",
    safety: true,
    async run(subject) {
      const { ask, order, pay, sold } = await openSale(subject);
      const { token, invoice } = await order();
      const preimage = await pay(invoice);
      assert.equal((await patiently(subject, () => ask(token, preimage))).status, 200);
      for (const again of [preimage, preimage.toUpperCase()]) assert.equal((await ask(token, again)).status, 402);
      assert.equal(sold(), 1);
    },
  },
  {
    name: "sells nothing for a preimage or a token that somebody made up",
    safety: true,
    async run(subject) {
      const { ask, order, pay, sold } = await openSale(subject);
      const [paid, unpaid] = [await order(), await order()];
      const preimage = await pay(paid.invoice);
      const own = randomBytes(32).toString("hex");
      const forged = forge(unpaid.token, own);
      for (const [token, proof] of [
        [unpaid.token, own],
        [unpaid.token, "0".repeat(64)],
        [unpaid.token, unpaid.invoice.paymentHash],
        [unpaid.token, preimage],
        [forged, own],
      ] as const) {
        assert.equal((await ask(token, proof)).status, 401);
      }
      assert.equal(sold(), 0);
    },
  },
  {
    name: "sells nothing for a token that has expired",
    safety: true,
    async run(subject) {
      const { ask, order, pay, sold, expire } = await openSale(subject);
      const { token, invoice } = await order();
      const preimage = await pay(invoice);
      expire();
      assert.notEqual((await ask(token, preimage)).status, 200);
      assert.equal(sold(), 0);
    },
  },
];

async function openSale(subject: ProviderSubject) {
  const provider = await subject.create();
  const { clock: backendClock = () => new Date() } = subject;
  let ahead = 0;
  const clock: Clock = () => new Date(backendClock().getTime() + ahead);
  const invoices: Invoice[] = [];
  let sold = 0;
  const paywall = createPaywall({
    provider: {
      ...provider,
      async createInvoice(input) {
        const invoice = await provider.createInvoice(input);
        invoices.push(invoice);
        return invoice;
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
  return {
    sold: () => sold,
    /** A day later, as far as the seller knows. */
    expire: () => {
      ahead = 86_400_000;
    },
    ask: (token: string, preimage: string) =>
      // The text as it is: formatCredential would put the preimage into lower case.
      shop(new Request(URL, { headers: { authorization: formatCredential(token, "").concat(preimage) } })),
    async order(): Promise<{ token: string; invoice: Invoice }> {
      const response = await answerOf(() => shop(new Request(URL)), subject.patienceSeconds);
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
  };
}

/** Backends take a moment to notice a payment; the paywall says so with a 402 that is worth repeating. */
async function patiently(subject: ProviderSubject, ask: () => Promise<Response>): Promise<Response> {
  const end = performance.now() + (subject.patienceSeconds ?? 3) * 1000;
  let response = await ask();
  while (response.headers.has("retry-after") && performance.now() < end) {
    await pause(0.1);
    response = await ask();
  }
  return response;
}

/** A token for a payment of the forger's own making, with the signature of a real one. */
function forge(token: string, preimage: string): string {
  const text = Buffer.from(token, "base64url").toString();
  const hash = createHash("sha256").update(preimage, "hex").digest("hex");
  const own = String(describeToken(token)?.claims.hash);
  return Buffer.from(text.replace(own, hash)).toString("base64url");
}
