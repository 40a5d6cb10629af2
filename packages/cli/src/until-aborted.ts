/** Waits for a promise until the signal aborts, and then throws the signal's reason. */
export async function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  // Without a timer, Node would end the process silently if nothing else happens in it.
  const timer = setInterval(() => {}, 60_000);
  let giveUp = () => {};
  try {
    return await new Promise<Result>((resolve, reject) => {
      giveUp = () => reject(signal.reason);
      signal.addEventListener("abort", giveUp);
      if (signal.aborted) giveUp();
      promise.then(resolve, reject);
    });
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", giveUp);
  }
}
