import { L402Error } from "@l402/core";
import type { NwcClient } from "./nwc-connection.ts";
import type { NwcUrl } from "./nwc-url.ts";

/** The part of @getalby/sdk that we use. */
interface NwcSdk {
  NWCClient: new (options: NwcUrl) => NwcClient & { close(): void };
}

/**
 * Loads the vendor's client when it is first needed. The client keeps the global WebSocket that exists at that moment.
 */
export async function loadSdk(): Promise<NwcSdk> {
  globalThis.WebSocket ??= await loadWebSocket();
  try {
    return (await import("@getalby/sdk/nwc")) as unknown as NwcSdk;
  } catch (error) {
    const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
    const isMissing = /MODULE_NOT_FOUND$/.test(String(code)) && /["']@getalby\/sdk["'/]/.test(String(message));
    throw isMissing
      ? invalid("the package @getalby/sdk is not installed. Run `npm install @getalby/sdk`.")
      : invalid(`the package @getalby/sdk cannot be loaded (${typeof code === "string" ? code : name}).`);
  }
}

/** Node 20 has no WebSocket. */
async function loadWebSocket(): Promise<typeof globalThis.WebSocket> {
  // The `import` itself must be inside a `try`. Then bundlers do not fail where `ws` is not installed.
  try {
    return (await import("ws")).WebSocket as unknown as typeof globalThis.WebSocket;
  } catch {
    throw invalid("this runtime has no WebSocket. Run `npm install ws`, or use Node 22 or newer.");
  }
}

const invalid = (what: string) => new L402Error("CONFIG_INVALID", `@l402/alby: ${what}`);
