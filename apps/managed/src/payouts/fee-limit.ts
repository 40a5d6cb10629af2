import type { LightningWallet } from "@l402/core";

const LEAST_MSAT = 5_000;
const SHARE = 100;

/** The most that a payout may cost on the way: a hundredth, and at least 5 sats. What is not used goes back. */
export function feeLimit(wallet: LightningWallet, amountMsat: number): number {
  const ours = Math.max(LEAST_MSAT, Math.ceil(amountMsat / SHARE));
  // Some backends have no fee limit of their own, and send nothing below what they may take.
  return Math.max(ours, Math.ceil(wallet.feeReserveMsat?.(amountMsat) ?? 0));
}

/**
 * The most whole sats that a balance can pay out with a fee limit on top; 0 for less than one. In a wind-down, the fee
 * limit may be smaller, so that small balances leave as well.
 */
export function payableMsat(wallet: LightningWallet, balanceMsat: number, isLast = false) {
  const fits = (sats: number) => sats * 1000 + feeLimit(wallet, sats * 1000) <= balanceMsat;
  let [sats, tooMany] = [0, Math.floor(balanceMsat / 1000) + 1];
  while (tooMany - sats > 1) {
    const middle = Math.floor((sats + tooMany) / 2);
    if (fits(middle)) sats = middle;
    else tooMany = middle;
  }
  if (sats > 0) return { amountMsat: sats * 1000, maxFeeMsat: feeLimit(wallet, sats * 1000) };
  if (!isLast || balanceMsat < 1000) return { amountMsat: 0, maxFeeMsat: 0 };
  // Half of it, so that there is something left for the way.
  const half = Math.max(1000, Math.floor(balanceMsat / 2000) * 1000);
  return { amountMsat: half, maxFeeMsat: balanceMsat - half };
}
