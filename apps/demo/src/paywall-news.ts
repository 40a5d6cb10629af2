import type { PaywallEvent } from "@l402/core";

/** Says in words what a paywall decides: in no line, one or two. */
export function createPaywallNews(): (event: PaywallEvent) => string[] {
  const usesByPayment = new Map<string, number>();
  /** What is offered comes with the refusal of the request, and is told after it. */
  const offers: string[] = [];

  function granted({ resource, paymentHash, amountMsat, remainingUses: left = 0 }: PaywallEvent & { type: "granted" }) {
    const known = usesByPayment.get(paymentHash);
    const uses = known ?? left + 1;
    usesByPayment.set(paymentHash, uses);
    const paid = known === undefined ? `, paid ${amountMsat / 1000} sats` : "";
    return `granted ${resource}${paid}${uses > 1 ? ` (${left} of ${uses} left)` : ""}`;
  }

  return (event) => {
    switch (event.type) {
      case "challenged":
        offers.push(`offered ${event.resource} for ${event.amountMsat / 1000} sats`);
        return [];
      case "granted":
        return [granted(event)];
      case "released":
        return [`gave a use of ${event.resource} back`];
      case "denied": {
        const { code, message } = event.error;
        const offered = offers.splice(0, 1);
        // An offer says as much.
        if (code === "CREDENTIAL_MISSING") return offered;
        return [`refused with ${event.status}: ${code === "CREDENTIAL_USED_UP" ? "used up" : message}`, ...offered];
      }
      case "failed":
        return [`failed: ${event.error.message}`];
    }
  };
}
