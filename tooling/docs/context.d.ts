// What the fragments in the documents take for granted.
import type { L402Client } from "@l402/client";
import type { LightningProvider, LightningWallet, Paywall, UseStore } from "@l402/core";

declare global {
  // Of whichever framework the page is about.
  // biome-ignore lint/suspicious/noExplicitAny: each framework has types of its own
  const app: any;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  const handler: any;
  const paywall: Paywall;
  const provider: LightningProvider;
  const wallet: LightningWallet;
  const useStore: UseStore;
  const client: L402Client;
  const secret: string;
  // What a backend gives its owner.
  const apiKey: string;
  const redisUrl: string;
  const redis: import("ioredis").Redis;
}
