/** The caller gave up before anything was paid. */
export const LEFT = new Error("The caller gave up.");

/** Waits for a promise until the caller aborts. The work behind the promise goes on. */
export function abortable<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
  reason: () => unknown = () => signal?.reason,
): Promise<Result> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(reason());
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp);
    const stopListening = () => signal.removeEventListener("abort", giveUp);
    promise.then(resolve, reject).then(stopListening);
  });
}
