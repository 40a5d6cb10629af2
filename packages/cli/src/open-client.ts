import { createL402Client, type L402Client, type L402ClientOptions } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { budgetFrom, walletFrom } from "@l402/config";
import type { LightningWallet } from "@l402/core";
import type { Io } from "./io.ts";
import type { Arguments } from "./read-arguments.ts";

export const DEFAULT_MAX_SATS = 1000;

/** The buyer that the environment describes, with a wallet that is loaded when there is something to pay. */
export function openClient(
  { maxSats, network, statePath }: Arguments,
  io: Io,
  { tell, ...options }: Partial<L402ClientOptions> & { tell?(sentence: string): void } = {},
): L402Client {
  const budget = budgetFrom(io.env);
  // SECURITY: whoever set a limit in the environment set it for whoever types the command, who may be an agent
  // (fetch.test.ts, "cannot exceed L402_MAX_SATS").
  const most = budget.perRequestSats ?? Number.POSITIVE_INFINITY;
  const perRequestSats = Math.min(maxSats ?? budget.perRequestSats ?? DEFAULT_MAX_SATS, most);
  const wallet = lazyWallet(() => walletFrom(io.env, tell && { tell }));
  return createL402Client({
    wallet,
    network,
    store: createFileClientStore({ path: statePath }),
    budget: { ...budget, perRequestSats },
    // The first moment that is certain to need it, and the last before the budget asks what fee it takes.
    checkInvoice: async () => void (await wallet.open()),
    ...options,
  });
}

function lazyWallet(load: () => Promise<LightningWallet>): LightningWallet & { open(): Promise<LightningWallet> } {
  let opening: Promise<LightningWallet> | undefined;
  let wallet: LightningWallet | undefined;
  const open = async () => {
    opening ??= load();
    wallet = await opening;
    return wallet;
  };
  return {
    // Known by the time that a client writes it down.
    get name() {
      return wallet?.name ?? "from the environment";
    },
    open,
    feeReserveMsat: (amountMsat) => wallet?.feeReserveMsat?.(amountMsat) ?? 0,
    payInvoice: async (input) => (await open()).payInvoice(input),
    lookupPayment: async (...input) => (await open()).lookupPayment(...input),
  };
}

/**
 * For what must not pay. It knows of no payment what became of it, so none is crossed out or sent again.
 *
 * SECURITY: a client finishes what was begun earlier before it asks for approval (fetch.test.ts, "--dry-run").
 */
export const NO_WALLET: LightningWallet = {
  name: "none",
  payInvoice: async () => ({ status: "unknown", reason: "Nothing is paid here." }),
  lookupPayment: async () => ({ status: "unknown", reason: "Nothing is looked up here." }),
};
