import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall, type PaywallOptions } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import type { Express } from "express";

/** A paywall for play money, and a wallet that can pay it. */
export function openPaywall(options: Pick<PaywallOptions, "challengeLimiter"> = {}) {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const useStore = createMemoryUseStore();
  return { wallet, paywall: createPaywall({ provider, secret, useStore, network: "regtest", ...options }) };
}

/** Serves an app on a free port. `url` is that of a path. */
export async function serve(app: Express, path = "") {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}${path}` };
}
