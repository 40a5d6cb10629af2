import type { ClientStore, LightningWallet, Network } from "@l402/core";
import { type BudgetSettings, budgetFrom } from "./budget-from.ts";
import type { ConfigOptions, Environment } from "./environment.ts";
import { importPackage } from "./import-package.ts";
import { makeBackend } from "./make-backend.ts";
import { networkFrom } from "./network-from.ts";
import { statePathFrom } from "./state-path-from.ts";

export interface ClientSettings {
  wallet: LightningWallet;
  network: Network;
  budget: BudgetSettings;
  store?: ClientStore;
}

/** Creates all options for `createL402Client`: `createL402Client(await clientOptionsFrom(process.env))`. */
export async function clientOptionsFrom(env: Environment, options: ConfigOptions = {}): Promise<ClientSettings> {
  const network = networkFrom(env);
  const budget = budgetFrom(env);
  const wallet = await makeBackend<LightningWallet>(env, "wallet", options);
  const path = statePathFrom(env);
  if (path === undefined) {
    options.tell?.(
      "Purchases and spending are remembered only until this process ends, because L402_STATE is not set.",
    );
    return { wallet, network, budget };
  }
  const client = (await importPackage("@l402/client/node", "@l402/client")) as typeof import("@l402/client/node");
  const store = client.createFileClientStore({ path });
  options.tell?.(`Purchases and spending are kept in ${path}, because L402_STATE is set.`);
  return { wallet, network, budget, store };
}
