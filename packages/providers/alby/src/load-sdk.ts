import { L402Error } from "@l402/core";
import type { NwcClient } from "./nwc-connection.ts";
import type { NwcUrl } from "./nwc-url.ts";

/** The part of @getalby/sdk that we use. */
export interface NwcSdk {
  NWCClient: new (options: NwcUrl) => NwcClient & { close(): void };
}

/**
 * Loads the vendor's client when it is first needed. The client keeps the global WebSocket that exists at that moment.
 */
export async function loadSdk(): Promise<NwcSdk> {
  // Node 20 has no WebSocket.
  globalThis.WebSocket ??= await orMissing(async () => {
    const { WebSocket } = await import("ws");
    return WebSocket as unknown as typeof globalThis.WebSocket;
  }, "this runtime has no WebSocket. Run `npm install ws`, or use Node 22 or newer.");
  return orMissing(
    async () => (await import("@getalby/sdk/nwc")) as unknown as NwcSdk,
    "the package @getalby/sdk is not installed. Run `npm install @getalby/sdk`.",
  );
}

async function orMissing<Module>(load: () => Promise<Module>, fix: string): Promise<Module> {
  try {
    return await load();
  } catch {
    throw new L402Error("CONFIG_INVALID", `@l402/alby: ${fix}`);
  }
}
