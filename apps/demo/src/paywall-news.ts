import type { PaywallEvent } from "@l402/core";

/** Says in words what a paywall decides. Answers `undefined` for what another event has said. */
export function createPaywallNews(): (event: PaywallEvent) => string | undefined {
  const usesByPayment = new Map<string, number>();

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
        return `offered ${event.resource} for ${event.amountMsat / 1000} sats`;
      case "granted":
        return granted(event);
      case "released":
        return `gave a use of ${event.resource} back`;
      case "denied":
        // An offer says as much.
        if (event.error.code === "CREDENTIAL_MISSING") return undefined;
        return `refused with ${event.status}: ${event.error.code === "CREDENTIAL_USED_UP" ? "used up" : event.error.message}`;
      case "failed":
        return `failed: ${event.error.message}`;
    }
  };
}
