// A wallet service of Nostr Wallet Connect, by the server side of the SDK, and a relay in memory between it and the command.
import { randomBytes } from "node:crypto";
import { decodeInvoice } from "@l402/core";
import { WebSocket, WebSocketServer } from "ws";

// Node 20 has none.
globalThis.WebSocket ??= WebSocket;
const { NWCClient, NWCWalletService, NWCWalletServiceKeyPair } = await import("@getalby/sdk/nwc");

/** @param {import("@l402/core").LightningWallet} wallet what pays in the end */
export async function startNwcWallet(wallet) {
  const relay = await startRelay();
  const [walletSecret, clientSecret] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
  const service = new NWCWalletService({ relayUrl: relay.url, relayUrls: [relay.url] });
  await service.publishWalletServiceInfoEvent(walletSecret, ["pay_invoice", "lookup_invoice"], []);
  const { publicKey } = new NWCClient({ relayUrls: [], walletPubkey: "", secret: clientSecret });
  const keys = new NWCWalletServiceKeyPair(walletSecret, publicKey);
  let payments = 0;

  const unsubscribe = await service.subscribe(keys, {
    async payInvoice({ invoice }) {
      payments++;
      const paid = await wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 10_000 });
      if (paid.status !== "paid") return refuse("PAYMENT_FAILED");
      return { result: { preimage: paid.preimage, fees_paid: paid.feeMsat }, error: undefined };
    },
    async lookupInvoice({ payment_hash, invoice }) {
      const paymentHash = payment_hash ?? decodeInvoice(invoice).paymentHash;
      const found = await wallet.lookupPayment(paymentHash);
      if (found.status !== "paid") return refuse("NOT_FOUND");
      const { preimage, feeMsat } = found;
      const result = {
        type: "outgoing",
        state: "settled",
        preimage,
        payment_hash: paymentHash,
        amount: 0,
        fees_paid: feeMsat,
      };
      return { result, error: undefined };
    },
  });

  return {
    url: `nostr+walletconnect://${keys.walletPubkey}?relay=${encodeURIComponent(relay.url)}&secret=${clientSecret}`,
    clientSecret,
    payments: () => payments,
    close() {
      unsubscribe();
      service.close();
      relay.close();
    },
  };
}

const refuse = (code) => ({ result: undefined, error: { code, message: "" } });

/** NIP-01, as much of it as this needs: whoever listens gets what matches. */
async function startRelay() {
  const stored = [];
  const subscriptions = new Map();
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const matches = ({ kinds, authors, ...tags }, event) =>
    (!kinds || kinds.includes(event.kind)) &&
    (!authors || authors.includes(event.pubkey)) &&
    Object.entries(tags).every(
      ([name, values]) =>
        !name.startsWith("#") || event.tags.some(([tag, value]) => tag === name.slice(1) && values.includes(value)),
    );
  server.on("connection", (socket) => {
    const mine = new Map();
    subscriptions.set(socket, mine);
    socket.on("close", () => subscriptions.delete(socket));
    socket.on("message", (text) => {
      const [type, first, ...filters] = JSON.parse(String(text));
      if (type === "CLOSE") mine.delete(first);
      if (type === "REQ") {
        mine.set(first, filters);
        for (const event of stored) {
          if (filters.some((filter) => matches(filter, event))) socket.send(JSON.stringify(["EVENT", first, event]));
        }
        socket.send(JSON.stringify(["EOSE", first]));
      }
      if (type !== "EVENT") return;
      socket.send(JSON.stringify(["OK", first.id, true, ""]));
      if (first.kind < 20_000) stored.push(first);
      for (const [other, all] of subscriptions) {
        for (const [id, wanted] of all) {
          if (wanted.some((filter) => matches(filter, first))) other.send(JSON.stringify(["EVENT", id, first]));
        }
      }
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}
