import { createL402Client, type L402Client, type L402Payment } from "@l402/client";
import { createFileClientStore } from "@l402/client/node";
import { budgetFrom, walletFrom } from "@l402/config";
import { type ClientStore, L402Error, type LightningWallet } from "@l402/core";
import type { Io } from "../io.ts";
import { DEFAULT_MAX_SATS } from "../open-client.ts";
import type { Arguments } from "../read-arguments.ts";
import { inSats, printable } from "../words.ts";
import { allowedFetch } from "./allowed-fetch.ts";
import { hideCredentials } from "./hide-credentials.ts";

export type Limits = ReturnType<typeof budgetFrom> & { perRequestSats: number };
export type Buyer = Awaited<ReturnType<typeof openBuyer>>;

/** Longer than a payment may take, with all that is asked about it. */
const LAST_WAIT_MS = 120_000;

/** What an agent may spend. */
function limitsFrom({ maxSats }: Pick<Arguments, "maxSats">, env: Io["env"]): Limits {
  const budget = budgetFrom(env);
  // SECURITY: an agent can ask again and again, so a limit for a request is none (mcp-command.test.ts, "does not start").
  if (budget.perHourSats === undefined && budget.perDaySats === undefined && budget.totalSats === undefined) {
    throw new L402Error("CONFIG_INVALID", "Nothing limits what the agent can spend in all.", {
      hint: "Set L402_MAX_SATS_PER_DAY=500, or as many as you like; or L402_MAX_SATS_PER_HOUR, or L402_MAX_SATS_TOTAL.",
    });
  }
  const { perRequestSats: most = maxSats ?? DEFAULT_MAX_SATS } = budget;
  return { ...budget, perRequestSats: Math.min(maxSats ?? most, most) };
}

/** One wallet, one memory and one budget for all calls. */
export async function openBuyer(args: Arguments, io: Io, tell: (sentence: string) => void) {
  const limits = limitsFrom(args, io.env);
  const { fetch, hide } = hideCredentials(allowedFetch(io.env));
  const { track, ended } = createTracker();
  // At once, because nobody who only calls tools can repair its settings.
  const wallet = trackedWallet(await walletFrom(io.env, { tell }), track);
  const store = trackedStore(createFileClientStore({ path: args.statePath }), track);
  const onPayment = ({ origin, amountMsat, feeMsat }: L402Payment) =>
    tell(`Paid ${inSats(amountMsat)}, and a fee of ${inSats(feeMsat)}, to ${printable(origin)}.`);
  const clients = new Map<number, L402Client>();

  return {
    limits,
    hide,
    /** SECURITY: a tool's argument can only lower the limit (mcp.test.ts, "maxSats"). */
    clientFor(maxSats = limits.perRequestSats): L402Client {
      const perRequestSats = Math.min(maxSats, limits.perRequestSats);
      const known = clients.get(perRequestSats);
      if (known) return known;
      const budget = { ...limits, perRequestSats };
      const client = createL402Client({ wallet, store, budget, network: args.network, fetch, onPayment });
      clients.set(perRequestSats, client);
      return client;
    },
    /** When nothing is being paid or written down any more. */
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
        // What follows upon one step has begun a turn later.
        for (await turn(); open.size > 0; await turn()) await Promise.allSettled(open);
      };
      await Promise.race([all(), new Promise((resolve) => setTimeout(resolve, LAST_WAIT_MS).unref())]);
    },
  };
}

type Track = ReturnType<typeof createTracker>["track"];

const trackedWallet = (wallet: LightningWallet, track: Track): LightningWallet => ({
  name: wallet.name,
  feeReserveMsat: (amountMsat) => wallet.feeReserveMsat?.(amountMsat) ?? 0,
  payInvoice: (input) => track(wallet.payInvoice(input)),
  lookupPayment: (...input) => track(wallet.lookupPayment(...input)),
});

const trackedStore = (store: ClientStore, track: Track): ClientStore => ({
  read: () => store.read(),
  update: (change) => track(store.update(change)),
});
