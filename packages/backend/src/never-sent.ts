/** Errors that ended a connection before any data could be sent over it, as an event has shown. */
const beforeSending = new WeakSet<object>();

export function markNeverSent(error: unknown): void {
  if (typeof error === "object" && error !== null) beforeSending.add(error);
}

let watching: Promise<void> | undefined;

/** Starts to remember the errors with which Node's own `fetch` reports that it could not connect. */
export function watchConnecting(): Promise<void> {
  watching ??= import("node:diagnostics_channel").then(
    ({ subscribe }) =>
      subscribe("undici:client:connectError", (message) => markNeverSent((message as { error?: unknown }).error)),
    // Other runtimes have no such event. There, it is never certain that the request was not sent.
    () => {},
  );
  return watching;
}

/**
 * True if it is certain that no part of the request has left.
 *
 * SECURITY: an error code alone does not show that. An attacker on the network path can cause most codes even after the
 * request was read (never-sent.test.ts, "after the request").
 */
export function isNeverSent(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; typeof error === "object" && error !== null && depth < 4; depth++) {
    if (beforeSending.has(error)) return true;
    error = (error as { cause?: unknown }).cause;
  }
  return false;
}
