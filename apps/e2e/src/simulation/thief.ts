import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import type { Lightning } from "./lightning.ts";
import type { Simulation } from "./simulation.ts";

const CODES = ["USED_UP", "UNDERPAID", "WRONG_RESOURCE", "EXPIRED", "MISSING", "NOT_SETTLED"];

/** A seller that takes money and serves nothing, whatever it says. */
export function openThief({ random, show, nextId }: Simulation, { providerOf }: Lightning, origin: string) {
  const { chance, pick } = random;
  const paywall = createPaywall({
    provider: providerOf(origin, true),
    secret: "the secret of a thief, at least 32 bytes long",
    useStore: createMemoryUseStore(),
    network: "regtest",
    challengeLimiter: false,
    onEvent: show,
  });
  const terms = async () => ({
    price: pick(1, 10),
    uses: pick<number | "unlimited">(1, 1, 3, "unlimited"),
    validForSeconds: pick(1, 100_000),
    ...(chance(0.3) && { resource: pick("a", "b") }),
  });
  const breaks = pick(0, 0, 0.5);
  const fails = pick(0.2, 0.5, 0.8);
  const offer = withL402(paywall, terms, () => new Response("never"));

  return {
    origin,
    async serve({ url, method }: Request, owned: string | undefined): Promise<Response> {
      if (new URL(url).pathname === "/moving") {
        const headers = { location: `/here/${nextId()}` };
        return new Response(null, { status: 307, headers });
      }
      if (owned && chance(breaks)) throw new Error("The line breaks.");
      if (owned && chance(fails)) return new Response("sorry", { status: pick(500, 502, 503) });
      const { headers, body } = await offer(new Request(url, { method }));
      const said = { ...((await new Response(body).json()) as object), code: `CREDENTIAL_${pick(...CODES)}` };
      return new Response(JSON.stringify(said), { status: owned ? pick(401, 402, 402) : 402, headers });
    },
  };
}

export type Thief = ReturnType<typeof openThief>;
