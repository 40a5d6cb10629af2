/** Errors of which an event has shown that they ended a connection over which nothing could be sent yet. */
const beforeSending = new WeakSet<object>();

export function markNeverSent(error: unknown): void {
  if (typeof error === "object" && error !== null) beforeSending.add(error);
}

let watching: Promise<void> | undefined;

/** From now on, remembers the errors with which Node's own `fetch` says that it could not connect. */
export function watchConnecting(): Promise<void> {
  watching ??= import("node:diagnostics_channel").then(
    ({ subscribe }) =>
      subscribe("undici:client:connectError", (message) => markNeverSent((message as { error?: unknown }).error)),
    // Elsewhere nothing tells, and then nothing is certain.
    () => {},
  );
  return watching;
}

/**
 * Whether nothing of the request can have left.
 *
 * SECURITY: no code of an error shows that. Whoever is on the way can bring about most of them also after the request was
 * read (never-sent.test.ts, "after the request").
 */
export function isNeverSent(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; typeof error === "object" && error !== null && depth < 4; depth++) {
    if (beforeSending.has(error)) return true;
    error = (error as { cause?: unknown }).cause;
  }
  return false;
}
