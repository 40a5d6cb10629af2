import type { PaywallRequest } from "../paywall/paywall.ts";

/**
 * Tells whether a handler opened a WebSocket: its response has the status 101, and in Bun, there is no response.
 *
 * SECURITY: a WebSocket keeps its use, because it was served, although Deno's signal says that its client left
 * (web.test.ts, "keeps the use of a WebSocket"; platforms.test.ts, "keeps the use").
 */
export const isWebSocket = (response: { status: number } | undefined, header: PaywallRequest["header"]): boolean =>
  response ? response.status === 101 : /^websocket$/i.test(`${header("upgrade")}`);
