import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { signInvoice } from "@l402/bolt11/signature";
import { decodeInvoice } from "@l402/core";
import { fakeClock, fakeLightning } from "@l402/testing";

const NODE_KEY = "402".padStart(64, "0");
const METADATA = JSON.stringify([
  ["text/plain", "Tee für zwei ☕"],
  ["text/identifier", "alice@example.com"],
]);

/** The service of a Lightning Address over HTTP, with a fake Lightning node behind it, as LUD-06, 16 and 21 have it. */
export async function fakeLnurl() {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });
  const invoices = new Map<string, string>();
  const initial = {
    mode: "up" as "up" | "down" | "hanging",
    minSendable: 1_000,
    maxSendable: 1_000_000_000,
    metadata: METADATA,
    /** What the invoice commits to; `undefined` for a service that leaves it out. */
    committed: METADATA as string | undefined,
    wholeSats: false,
    hasVerify: true,
    /** Follows the verify URL. */
    suffix: "",
    callbackQuery: "",
    expiresInSeconds: 600,
    redirect: false,
    /** Changes the answers of one kind. */
    trap: undefined as ((kind: "terms" | "invoice" | "verify", body: object) => unknown) | undefined,
  };
  const state = { ...initial, requests: [] as string[] };

  async function invoice(query: URLSearchParams): Promise<object> {
    const refused = (reason: string) => ({ status: "ERROR", reason });
    const [amount, ...others] = query.getAll("amount");
    if (!amount || others.length > 0 || !/^\d+$/.test(amount)) return refused("Invalid amount");
    for (const name of query.keys()) if (!["amount", "token"].includes(name)) return refused(`Unexpected ${name}`);
    if (state.callbackQuery && query.get("token") !== "x y+z") return refused("The callback was changed");
    const amountMsat = Number(amount);
    if (amountMsat < state.minSendable || amountMsat > state.maxSendable) return refused("Amount out of range");
    if (state.wholeSats && amountMsat % 1000) return refused("Millisatoshi amount is not supported");
    const { bolt11, paymentHash } = await lightning.provider.createInvoice({
      amountMsat,
      description: "replaced",
      expiresInSeconds: state.expiresInSeconds,
    });
    const { network, paymentSecret, timestamp, expiresAt } = decodeInvoice(bolt11);
    const pr = signInvoice(
      {
        ...{ network, paymentSecret, timestamp, expiresAt, paymentHash, amountMsat: BigInt(amountMsat) },
        ...(state.committed === undefined
          ? { description: "Payment to alice" }
          : { descriptionHash: createHash("sha256").update(state.committed).digest("hex") }),
      },
      NODE_KEY,
    );
    invoices.set(paymentHash, pr);
    return {
      status: "OK",
      pr,
      routes: [],
      ...(state.hasVerify && { verify: `${url}/lnurlp/alice/verify/${paymentHash}${state.suffix}` }),
    };
  }

  async function verify(paymentHash: string): Promise<object> {
    const pr = invoices.get(paymentHash);
    if (!pr) return { status: "ERROR", reason: "Not found" };
    const found = await lightning.provider.lookupInvoice({ paymentHash });
    const settled = found.status === "settled";
    return { status: "OK", settled, preimage: settled ? found.preimage : null, pr };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    state.requests.push(request.url ?? "");
    const asked = new URL(request.url ?? "", url);
    const send = (kind: "terms" | "invoice" | "verify", body: object) =>
      void response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(state.trap ? state.trap(kind, body) : body));

    if (state.mode === "down") return void response.writeHead(503).end("Service unavailable");
    if (state.mode === "hanging") return;
    if (request.method !== "GET" || request.headers.authorization) return void response.writeHead(405).end();
    if (state.redirect) return void response.writeHead(301, { location: `${url}/elsewhere` }).end();
    if (asked.pathname === "/.well-known/lnurlp/alice") {
      const callback = `${url}/lnurlp/alice/callback${state.callbackQuery}`;
      const { minSendable, maxSendable, metadata } = state;
      return send("terms", { tag: "payRequest", callback, minSendable, maxSendable, metadata });
    }
    if (asked.pathname === "/lnurlp/alice/callback") return send("invoice", await invoice(asked.searchParams));
    const [, hash] = /^\/lnurlp\/alice\/verify\/([0-9a-f]{64})/.exec(asked.pathname) ?? [];
    if (hash && asked.href.endsWith(state.suffix)) return send("verify", await verify(hash));
    response.writeHead(404, { "content-type": "application/json" }).end('{"status":"ERROR","reason":"Not found"}');
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}`;
  const outage = (mode: "down" | "hanging") => () => {
    state.mode = mode;
    return () => {
      state.mode = "up";
    };
  };

  return {
    clock,
    lightning,
    state,
    url,
    host,
    options: { address: `alice@${host}`, allowPrivateHosts: true, clock },
    reset: () => void Object.assign(state, initial, { requests: [] }),
    breakBackend: outage("down"),
    hangBackend: outage("hanging"),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
