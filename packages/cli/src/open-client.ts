import { createL402Client, type L402Client, type L402ClientOptions } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { budgetFrom, walletFrom } from "@l402/config";
import { L402Error, type LightningWallet } from "@l402/core";
import type { Io } from "./io.ts";
import type { Arguments } from "./read-arguments.ts";
import { untilAborted } from "./until-aborted.ts";

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

const STRAY = ["unhandledRejection", "uncaughtException"] as const;

/**
 * Waits for the wallet until the signal aborts, or an error is left to nobody. A wallet may be a file of the user's,
 * which may never end to load, for example when its connection has failed.
 */
async function untilStray<Result>(wallet: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const stray = new AbortController();
  const end = () => {
    const hint = "Check that its backend can be reached, and the file that L402_WALLET names, if it is one.";
    stray.abort(new L402Error("CONFIG_INVALID", "The wallet failed while it was opened.", { hint }));
  };
  for (const event of STRAY) process.on(event, end);
  try {
    return await untilAborted(wallet, AbortSignal.any([signal, stray.signal]));
  } finally {
    for (const event of STRAY) process.off(event, end);
  }
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
