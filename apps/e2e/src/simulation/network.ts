import { paymentHashOf } from "@l402/core";
import { CALL, type Simulation } from "./simulation.ts";
import { never, pause } from "./virtual-time.ts";

const broken = (code = "ECONNRESET") => Object.assign(new TypeError("fetch failed"), { cause: { code } });

/** A credential on its way to a seller. */
export interface Shown {
  token: string;
  preimage: string;
  paymentHash: string;
}

interface Server {
  origin: string;
  /** `owned` is the payment whose credential a buyer shows. Rejects if the connection breaks. */
  serve(request: Request, owned: string | undefined): Promise<Response>;
}

interface Wiretap {
  /** Called for every answer that asks a call for a payment. */
  onOffer(call: number, paymentHash: string, token: string): void;
  /** Called for every request with a credential. */
  onShown(shown: Shown, origin: string): void;
  /** Called when a buyer hears that a payment is used up. */
  onUsedUp(paymentHash: string): void;
  /** Called when a buyer hears that a request failed, which gives its use back. */
  onGivenBack(paymentHash: string): void;
}

/** The network between buyers and sellers. */
export function openNetwork(simulation: Simulation, sellers: readonly Server[], wiretap: Wiretap) {
  const { random, faults, trace, nameOf } = simulation;
  const { chance, pick, whole } = random;
  const way = () => pause(whole(1, 60) + (chance(faults.slowNetwork) ? whole(1000, 30_000) : 0));

  async function deliver(request: Request, body: string | undefined, signal: AbortSignal | null, owned?: string) {
    const seller = sellers.find(({ origin }) => request.url.startsWith(`${origin}/`));
    const { method, headers, url } = request;
    const answer = await seller?.serve(new Request(url, { method, headers, signal, ...(body && { body }) }), owned);
    if (!answer) throw broken("ENOTFOUND");
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  async function exchange(request: Request, signal: AbortSignal): Promise<Response> {
    const body = request.body ? await request.text() : undefined;
    const shown = credentialOf(request);
    const name = `call ${request.headers.get(CALL)} ${shown ? nameOf(shown.paymentHash) : "without credential"}`;
    if (shown) wiretap.onShown(shown, new URL(request.url).origin);
    // What a stranger shows is only a part of what somebody bought.
    const owned = request.headers.has(CALL) ? shown?.paymentHash : undefined;
    await way();
    if (signal.aborted) throw broken();
    const trouble = chance(faults.requestLost) && pick("lost", "lost", "hangs");
    if (trouble === "hangs") await pause(300_000);
    if (trouble) throw broken(trouble === "hangs" ? "UND_ERR_HEADERS_TIMEOUT" : undefined);
    if (chance(faults.requestTwice)) {
      pause(whole(0, 3000))
        .then(() => deliver(request, body, null, owned))
        .catch(() => {});
    }
    const { status, headers, text } = await deliver(request, body, signal, owned).catch(() => Promise.reject(broken()));
    const code = /"code":"(\w+)"/.exec(text)?.[1] ?? "";
    trace(`${name}: ${status} ${code}`);
    const { paymentHash, token } = status === 402 ? JSON.parse(text) : {};
    if (paymentHash) wiretap.onOffer(Number(request.headers.get(CALL)), paymentHash, token);
    await way();
    if (chance(faults.answerLost)) throw broken();
    const isCut = text !== "" && chance(faults.answerCut);
    if (owned && !isCut && code === "CREDENTIAL_USED_UP") wiretap.onUsedUp(owned);
    if (owned && status >= 500 && !request.signal.aborted) wiretap.onGivenBack(owned);
    const answer = new Response(isCut ? cut(text) : text || null, { status, headers });
    return Object.defineProperty(answer, "url", { value: request.url });
  }

  /** The `fetch` of one process. A process that has died hears nothing any more, and its connections break. */
  return function fetchOf(process: { isDead: boolean }): typeof fetch {
    return (input, init) => {
      const request = new Request(input, init);
      const { signal } = request;
      if (process.isDead) return never();
      const connection = new AbortController();
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          pause(whole(0, 50)).then(() => connection.abort());
          if (!process.isDead) reject(signal.reason);
        };
        if (signal.aborted) return giveUp();
        signal.addEventListener("abort", giveUp);
        exchange(request, connection.signal).then(
          (answer) => (process.isDead ? connection.abort() : resolve(answer)),
          (error) => process.isDead || reject(error),
        );
      });
    };
  };
}

function credentialOf({ headers }: Request): Shown | undefined {
  const [token = "", preimage = ""] = headers.get("authorization")?.replace("L402 ", "").split(":") ?? [];
  const paymentHash = paymentHashOf(token);
  return paymentHash ? { token, preimage, paymentHash } : undefined;
}

function cut(text: string): ReadableStream {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, bytes.length / 2));
      pause(20).then(() => controller.error(broken()));
    },
  });
}
