import { createL402Client } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { walletFrom } from "@l402/config";
import { type ClientStore, L402Error, type LightningWallet } from "@l402/core";
import type { Io } from "../io.ts";
import { type Limits, limitsFrom } from "../open-client.ts";
import type { Arguments } from "../read-arguments.ts";
import { untilStray } from "../until-stray.ts";
import { inSats, printable } from "../words.ts";
import { allowedFetch } from "./allowed-fetch.ts";
import { hideCredentials } from "./hide-credentials.ts";
import { createRequestLimit } from "./limit-request.ts";

export type Buyer = Awaited<ReturnType<typeof openBuyer>>;

/** Longer than a payment with all its lookups may take. */
const LAST_WAIT_MS = 120_000;

/**
 * SECURITY: an agent can repeat requests, so a limit for one request is not enough (mcp-command.test.ts, "does not
 * start").
 */
function checkLimitsAll({ perHourSats, perDaySats, totalSats }: Limits): void {
  if (perHourSats !== undefined || perDaySats !== undefined || totalSats !== undefined) return;
  throw new L402Error(
    "CONFIG_INVALID",
    "l402 mcp needs a limit for all payments of the agent together, and none is set.",
    {
      hint: "Set L402_MAX_SATS_PER_DAY, for example to 500. L402_MAX_SATS_PER_HOUR and L402_MAX_SATS_TOTAL are also possible.",
    },
  );
}

/** Opens a client with one wallet, one store and one budget for all calls. */
export async function openBuyer(args: Arguments, io: Io, tell: (sentence: string) => void) {
  const limits = limitsFrom(args, io.env);
  checkLimitsAll(limits);
  const { fetch, hide } = hideCredentials(allowedFetch(io.env));
  const { track, ended } = createTracker();
  // The wallet is opened at the start: later, an agent that only calls tools could not repair its settings.
  const opened = await untilStray(walletFrom(io.env, { tell }), io.signal);
  const { within, wallet, checkInvoice, costMsat } = createRequestLimit(opened);
  const client = createL402Client({
    wallet: trackedWallet(wallet, track),
    store: trackedStore(createFileClientStore({ path: args.statePath }), track),
    budget: limits,
    network: args.network,
    fetch,
    checkInvoice,
    onPayment: ({ origin, amountMsat, feeMsat }) =>
      tell(`Paid ${inSats(amountMsat)} to ${printable(origin)}, plus a routing fee of ${inSats(feeMsat)}.`),
  });
  return {
    client,
    limits,
    within,
    costMsat,
    hide,
    /** Resolves when no payment and no change of the store is running any more. */
    ended,
  };
}

function createTracker() {
  const open = new Set<Promise<unknown>>();
  const turn = () => new Promise(setImmediate);
  return {
    async track<Result>(promise: Promise<Result> | Result): Promise<Result> {
      const ending = Promise.resolve(promise);
      open.add(ending);
      return ending.finally(() => open.delete(ending));
    },
    async ended(): Promise<void> {
      const all = async () => {
        // The next step of a payment begins one turn after the step before it.
        for (await turn(); open.size > 0; await turn()) await Promise.allSettled(open);
      };
      // Its timer keeps the process alive: perhaps nothing else does, and Node would end it with an error.
      await Promise.race([all(), new Promise((resolve) => setTimeout(resolve, LAST_WAIT_MS))]);
    },
  };
}

type Track = ReturnType<typeof createTracker>["track"];

const trackedWallet = (wallet: LightningWallet, track: Track): LightningWallet => ({
  ...wallet,
  payInvoice: (input) => track(wallet.payInvoice(input)),
  lookupPayment: (...input) => track(wallet.lookupPayment(...input)),
});

const trackedStore = (store: ClientStore, track: Track): ClientStore => ({
  read: () => store.read(),
  update: (change) => track(store.update(change)),
});
