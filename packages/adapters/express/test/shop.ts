import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import type { Express } from "express";

/** A paywall for play money, and a wallet that can pay it. */
export function openPaywall() {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  return { wallet, paywall: createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" }) };
}

/** Serves an app on a free port. `url` is that of a path. */
export async function serve(app: Express, path = "") {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}${path}` };
}
