import { createL402Client, type L402Client, type L402ClientOptions } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { walletFrom } from "@l402/config";
import type { LightningWallet } from "@l402/core";
import type { Io } from "./io.ts";
import { type Arguments, sats } from "./read-arguments.ts";

/** The buyer that the environment describes. The wallet is only opened when there is something to pay. */
export function openClient(args: Arguments, io: Io, hooks: Partial<L402ClientOptions> = {}): L402Client {
  const { L402_MAX_SATS_PER_HOUR: perHour, L402_MAX_SATS_PER_DAY: perDay, L402_MAX_SATS: perRequest } = io.env;
  const max = args.maxSats ?? (perRequest ? sats(perRequest, "L402_MAX_SATS") : undefined);
  const wallet = lazyWallet(io);
  return createL402Client({
    wallet,
    network: args.network,
    store: createFileClientStore({ path: args.statePath }),
    budget: {
      ...(max !== undefined && { perRequestSats: max }),
      ...(perHour && { perHourSats: sats(perHour, "L402_MAX_SATS_PER_HOUR") }),
      ...(perDay && { perDaySats: sats(perDay, "L402_MAX_SATS_PER_DAY") }),
    },
    fetch: io.fetch,
    clock: io.now,
    ...hooks,
    async approve(quote) {
      if (hooks.approve && !(await hooks.approve(quote))) return false;
      await wallet.open();
      return true;
    },
  });
}

/** A wallet is asked for by name when there is something to pay, and not before: most pages are free. */
function lazyWallet(io: Io): LightningWallet & { open(): Promise<unknown> } {
  let opening: Promise<LightningWallet> | undefined;
  let wallet: LightningWallet | undefined;
  const open = async () => {
    opening ??= walletFrom(io.env);
    wallet = await opening;
    return wallet;
  };
  return {
    name: "from the environment",
    open,
    feeReserveMsat: (amountMsat) => wallet?.feeReserveMsat?.(amountMsat) ?? 0,
    payInvoice: async (input) => (await open()).payInvoice(input),
    lookupPayment: async (...input) => (await open()).lookupPayment(...input),
  };
}
