import { createL402Client, type L402Client, type L402ClientOptions } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { budgetFrom, walletFrom } from "@l402/config";
import type { LightningWallet } from "@l402/core";
import type { Io } from "./io.ts";
import type { Arguments } from "./read-arguments.ts";
import { untilStray } from "./until-stray.ts";

export const DEFAULT_MAX_SATS = 1000;

/** Opens the client that the environment describes. Its wallet is loaded when there is something to pay. */
export function openClient(
  { maxSats, network, statePath }: Arguments,
  io: Io,
  { tell, ...options }: Partial<L402ClientOptions> & { tell?(sentence: string): void } = {},
): L402Client {
  const budget = budgetFrom(io.env);
  // SECURITY: the user of the command may be an agent, so it cannot exceed a limit of the environment
  // (fetch.test.ts, "cannot exceed L402_MAX_SATS").
  const most = budget.perRequestSats ?? Number.POSITIVE_INFINITY;
  const perRequestSats = Math.min(maxSats ?? budget.perRequestSats ?? DEFAULT_MAX_SATS, most);
  const wallet = lazyWallet(() => untilStray(walletFrom(io.env, tell && { tell }), io.signal));
  return createL402Client({
    wallet,
    network,
    store: createFileClientStore({ path: statePath }),
    budget: { ...budget, perRequestSats },
    // The wallet is opened here: now it is certainly needed, and next the budget asks for its fee reserve.
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
    // The wallet is open, and its name known, before the client writes the name down.
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
 * A wallet for commands that must not pay. It knows the outcome of no payment, so none is ended or sent again.
 *
 * SECURITY: a client finishes earlier payments before it asks for approval (fetch.test.ts, "--dry-run").
 */
export const NO_WALLET: LightningWallet = {
  name: "none",
  payInvoice: async () => ({ status: "unknown", reason: "This command does not pay." }),
  lookupPayment: async () => ({ status: "unknown", reason: "This command does not ask the wallet." }),
};
