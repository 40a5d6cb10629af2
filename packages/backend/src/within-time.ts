interface Limits {
  seconds: number;
  caller: AbortSignal | undefined;
  late(why: "caller" | "clock"): Error;
}

/**
 * Runs until the caller gives up or the time is over. Then it rejects at once, because a `fetch` that was passed in may
 * ignore its signal. Leaves no timer and no listener behind.
 */
export async function withinTime<Result>(
  { seconds, caller, late }: Limits,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ours = new AbortController();
  let stop = () => {};
  const over = new Promise<never>((_, reject) => {
    const end = (why: "caller" | "clock") => () => {
      reject(late(why));
      ours.abort();
    };
    const timer = setTimeout(end("clock"), seconds * 1000);
    const gaveUp = end("caller");
    caller?.addEventListener("abort", gaveUp);
    stop = () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", gaveUp);
    };
  });
  try {
    return await Promise.race([over, run(ours.signal)]);
  } finally {
    stop();
  }
}
