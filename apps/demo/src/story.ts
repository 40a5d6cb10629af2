/** One thing that happened, as data and in words. */
export type Step =
  | { step: "started"; nodes: readonly string[]; ms: number }
  | { step: "balances"; sats: Readonly<Record<string, number>> }
  | { step: "chapter"; number: number; title: string }
  | { step: "request"; method: string; path: string; note?: string }
  | { step: "payment-required"; status: number; sats: number; uses: number | "unlimited"; expiresInSeconds: number }
  | { step: "paid"; sats: number; feeSats: number; ms: number; proof: string }
  | { step: "response"; status: number; body: string; note?: string; ms?: number }
  | { step: "stream"; chunk: string }
  | { step: "kept"; why: keyof typeof KEPT; usesLeft: number }
  | { step: "refused"; message: string }
  | { step: "serving"; url: string; hasPlayMoney: boolean; note?: string }
  | { step: "done"; ms: number };

/** Says a step in words for someone who has never heard of Lightning. */
export function inWords(step: Step): string {
  switch (step.step) {
    case "started":
      return `Lightning nodes are ready: ${step.nodes.join(" → ")} (${step.ms} ms)`;
    case "balances":
      if (Object.keys(step.sats).length === 0) return "Balances: see your backend.";
      return `Balances: ${Object.entries(step.sats)
        .map(([name, sats]) => `${name} ${count(sats)} sats`)
        .join(" · ")}`;
    case "chapter":
      return `\n${step.number}. ${step.title}`;
    case "request":
      return `   → ${step.method} ${step.path}${step.note ? `  (${step.note})` : ""}`;
    case "payment-required":
      return `   ← ${step.status} Payment Required: ${count(step.sats)} sats for ${times(step.uses)}. Invoice attached, good for ${step.expiresInSeconds / 60} minutes.`;
    case "paid":
      return `   ⚡ paid ${count(step.sats)} sats + ${step.feeSats} routing fee over Lightning in ${step.ms} ms. Proof of payment: ${step.proof}…`;
    case "response":
      return `   ← ${step.status} ${step.body}${step.note ? `  (${step.note})` : ""}`;
    case "stream":
      return `     ${step.chunk}`;
    case "kept":
      return `   ${KEPT[step.why]}: ${step.usesLeft === 0 ? "that was the last request" : `${times(step.usesLeft)} left`}`;
    case "refused":
      return `   ${step.message}`;
    case "serving":
      return `\n${step.note ? `${step.note} ` : ""}Try it yourself at ${step.url} · Ctrl-C ends the demo.${
        step.hasPlayMoney ? `\n\nOr buy from another terminal:\n\n    ${purchaseCommand(step.url)}` : ""
      }`;
    case "done":
      return `\nDone in ${(step.ms / 1000).toFixed(1)} s.`;
  }
}

const KEPT = {
  "paid-now": "Paid once",
  "paid-before": "Nothing paid",
  "not-served": "The use was given back",
};
const count = (sats: number) => sats.toLocaleString("en").replaceAll(",", " ");
const times = (uses: number | "unlimited") =>
  uses === "unlimited" ? "any number of requests" : uses === 1 ? "one request" : `${uses} requests`;

/** Pays from the buyer's play money with the l402 command. */
const purchaseCommand = (url: string) => {
  const settings = `L402_WALLET=./apps/demo/wallet.mjs L402_NETWORK=regtest${url.endsWith(":4020") ? "" : ` DEMO_URL=${url}`}`;
  return `${settings} npm run -s l402 -- fetch ${url}/weather`;
};
