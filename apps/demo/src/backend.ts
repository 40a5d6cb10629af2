import { pathToFileURL } from "node:url";
import { networkFrom, providerFrom, walletFrom } from "@l402/config";
import type { LightningProvider, LightningWallet, Network } from "@l402/core";
import { startRegtest } from "@l402/regtest";

/** Where the seller's invoices come from, and what the buyer pays from. */
export interface Backend {
  names: readonly string[];
  provider: LightningProvider;
  wallet: LightningWallet;
  network: Network;
  /** In sats, where the backend tells. */
  balances(): Readonly<Record<string, number>>;
  /** Resolves when no payment is under way. */
  idle(): Promise<void>;
  close(): void;
}

/** Three real Lightning nodes in this process: a buyer, a router that takes a fee, and a seller. */
export async function openRegtest(): Promise<Backend> {
  const regtest = await startRegtest({ nodes: ["buyer", "router", "seller"] });
  const { buyer, router, seller } = regtest.nodes;
  const routerStartMsat = router.balance().ownedMsat;
  return {
    names: Object.keys(regtest.nodes),
    provider: seller.provider,
    wallet: buyer.wallet,
    network: "regtest",
    balances: () => ({
      buyer: buyer.balance().ownedMsat / 1000,
      // What it has earned; the rest of its money is there from the beginning.
      router: (router.balance().ownedMsat - routerStartMsat) / 1000,
      seller: seller.balance().ownedMsat / 1000,
    }),
    idle: regtest.idle,
    close: regtest.close,
  };
}

type OwnBackend = Pick<Backend, "provider" | "wallet" | "network">;

/** A backend of your own: by its name, such as "lnd", or a module that exports `provider`, `wallet` and `network`. */
export async function openOwn(given: string): Promise<Backend> {
  const { provider, wallet, network } = await (/^[a-z-]+$/i.test(given) ? fromSettings(given) : fromModule(given));
  return {
    names: [wallet.name, provider.name],
    provider,
    wallet,
    network,
    balances: () => ({}),
    idle: async () => {},
    close() {},
  };
}

async function fromSettings(name: string): Promise<OwnBackend> {
  const env = { ...process.env, L402_PROVIDER: name };
  const [provider, wallet] = [await providerFrom(env), await walletFrom(env)];
  return { provider, wallet, network: networkFrom(env) };
}

async function fromModule(path: string): Promise<OwnBackend> {
  const { provider, wallet, network } = (await import(pathToFileURL(path).href)) as Partial<OwnBackend>;
  if (!provider || !wallet || !network) throw new Error(`${path} does not export provider, wallet and network.`);
  return { provider, wallet, network };
}
