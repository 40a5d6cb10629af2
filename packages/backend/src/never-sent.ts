/** Errors that ended a connection before any data could be sent over it, as an event has shown. */
const beforeSending = new WeakSet<object>();

export function markNeverSent(error: unknown): void {
  if (typeof error === "object" && error !== null) beforeSending.add(error);
}

/** A request by the global `fetch`, from before it is sent until its result is known. */
export interface Sending {
  /** Whether a request to this address may have left since then. */
  mayHaveLeft: boolean;
  stop(): void;
}

/** Each of these events shows that a request may have left. HTTP/2 has no event for its headers, only the later ones. */
const LEAVING = ["client:sendHeaders", "request:bodySent", "request:headers", "request:error"];

interface Event {
  request?: { origin?: unknown; path?: unknown };
  error?: unknown;
}

const watched = new Map<Sending, string>();
let isWatching = false;

/** Starts to remember what Node's own `fetch` reports: where it could not connect, and what it has sent. */
function watchEvents(): void {
  if (isWatching) return;
  isWatching = true;
  // Other runtimes have no such events. There, it is never certain that the request was not sent.
  const channels = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel");
  if (!channels) return;
  for (const name of LEAVING) channels.subscribe(`undici:${name}`, (event) => noteLeaving(event as Event));
  channels.subscribe("undici:client:connectError", (event) => markNeverSent((event as Event).error));
}

function noteLeaving({ request, error }: Event): void {
  if (isNeverSent(error)) return;
  // Through a proxy, the path can be the whole address.
  const sentTo = `${request?.origin}${request?.path}`;
  for (const [sending, address] of watched) if (sentTo.endsWith(address)) sending.mayHaveLeft = true;
}

/** Call this before the global `fetch` is called with `url`, and `stop()` when its result is known. */
export function watchSending(url: string): Sending {
  watchEvents();
  const { origin, pathname, search } = new URL(url);
  const sending: Sending = { mayHaveLeft: false, stop: () => void watched.delete(sending) };
  watched.set(sending, `${origin}${pathname}${search}`);
  return sending;
}

/**
 * True if it is certain that no part of the request has left.
 *
 * SECURITY: an error code alone does not show that. An attacker on the network path can cause most codes even after the
 * request was read (never-sent.test.ts, "after the request").
 *
 * SECURITY: the error of the last try says nothing about an earlier try. The global `fetch` may be wrapped by one that
 * tries again, and Node's own sends a request again after a 421 (never-sent.test.ts, "may have been made by an earlier try").
 */
export function isNeverSent(thrown: unknown, sending?: Sending): boolean {
  if (sending?.mayHaveLeft) return false;
  for (let error = thrown, depth = 0; typeof error === "object" && error !== null && depth < 4; depth++) {
    if (beforeSending.has(error)) return true;
    error = (error as { cause?: unknown }).cause;
  }
  return false;
}
