import { createL402Client, type L402Client, type L402ClientOptions } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { budgetFrom, walletFrom } from "@l402/config";
import type { LightningWallet } from "@l402/core";
import type { Io } from "./io.ts";
import type { Arguments } from "./read-arguments.ts";
import { untilStray } from "./until-stray.ts";

const DEFAULT_MAX_SATS = 1000;

export type Limits = ReturnType<typeof budgetFrom> & { perRequestSats: number };

/**
 * The limits of the environment, and the one that was typed for a request.
 *
 * SECURITY: the user of the command may be an agent, so it cannot exceed a limit of the environment (fetch.test.ts,
 * "cannot exceed L402_MAX_SATS").
 */
export function limitsFrom({ maxSats }: Pick<Arguments, "maxSats">, env: Io["env"]): Limits {
  const budget = budgetFrom(env);
  const { perRequestSats: most = maxSats ?? DEFAULT_MAX_SATS } = budget;
  return { ...budget, perRequestSats: Math.min(maxSats ?? most, most) };
}

/** Opens the client that the environment describes. Its wallet is loaded when there is something to pay. */
export function openClient(
  args: Arguments,
  io: Io,
  { tell, ...options }: Partial<L402ClientOptions> & { tell?(sentence: string): void } = {},
): L402Client {
  const wallet = lazyWallet(() => untilStray(walletFrom(io.env, tell && { tell }), io.signal));
  return createL402Client({
    wallet,
    network: args.network,
    store: createFileClientStore({ path: args.statePath }),
    budget: limitsFrom(args, io.env),
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
