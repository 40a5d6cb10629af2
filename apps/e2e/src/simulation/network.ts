import { paymentHashOf } from "@l402/core";
import type { Seller } from "./seller.ts";
import type { Simulation } from "./simulation.ts";
import { never, pause } from "./virtual-time.ts";

/** The header by which the simulation knows which call a request belongs to. */
export const CALL = "x-call";

const broken = (code = "ECONNRESET") => Object.assign(new TypeError("fetch failed"), { cause: { code } });

interface Wiretap {
  /** Called for every answer that asks a call for a payment. */
  onOffer(call: number, paymentHash: string, token: string): void;
  /** Called when a seller says that a payment is used up. */
  onUsedUp(paymentHash: string): void;
}

/** The network between buyers and sellers. */
export function openNetwork(simulation: Simulation, sellers: readonly Seller[], wiretap: Wiretap) {
  const { random, faults, trace, nameOf } = simulation;
  const { chance, pick, whole } = random;
  const way = () => pause(whole(1, 60) + (chance(faults.slowNetwork) ? whole(1000, 30_000) : 0));

  async function deliver(request: Request, body: string | undefined, signal: AbortSignal | null) {
    const seller = sellers.find(({ origin }) => request.url.startsWith(`${origin}/`));
    const { method, headers, url } = request;
    const answer = await seller?.serve(new Request(url, { method, headers, signal, ...(body && { body }) }));
    if (!answer) throw broken("ENOTFOUND");
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  async function exchange(request: Request, signal: AbortSignal): Promise<Response> {
    const body = request.body ? await request.text() : undefined;
    const authorization = request.headers.get("authorization");
    const shown = authorization ? paymentHashOf(authorization.replace(/^L402 |:.*/g, "")) : undefined;
    const name = `call ${request.headers.get(CALL)} ${shown ? nameOf(shown) : "without credential"}`;
    await way();
    if (signal.aborted) throw broken();
    const trouble = chance(faults.requestLost) && pick("lost", "lost", "hangs");
    if (trouble === "hangs") await pause(300_000);
    if (trouble) throw broken(trouble === "hangs" ? "UND_ERR_HEADERS_TIMEOUT" : undefined);
    if (chance(faults.requestTwice)) {
      pause(whole(0, 3000))
        .then(() => deliver(request, body, null))
        .catch(() => {});
    }
    const { status, headers, text } = await deliver(request, body, signal).catch(() => Promise.reject(broken()));
    const code = /"code":"(\w+)"/.exec(text)?.[1] ?? "";
    trace(`${name}: ${status} ${code}`);
    if (shown && code === "CREDENTIAL_USED_UP") wiretap.onUsedUp(shown);
    const { paymentHash, token } = status === 402 ? JSON.parse(text) : {};
    if (paymentHash) wiretap.onOffer(Number(request.headers.get(CALL)), paymentHash, token);
    await way();
    if (chance(faults.answerLost)) throw broken();
    const isCut = text !== "" && chance(faults.answerCut);
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

function cut(text: string): ReadableStream {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, bytes.length / 2));
      pause(20).then(() => controller.error(broken()));
    },
  });
}
