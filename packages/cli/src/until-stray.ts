import { L402Error } from "@l402/core";
import { untilAborted } from "./until-aborted.ts";

const STRAY = ["unhandledRejection", "uncaughtException"] as const;

/**
 * Waits for the wallet until the signal aborts, or an error is left to nobody. A wallet may be a file of the user's,
 * which may never end to load, for example when its connection has failed.
 */
export async function untilStray<Result>(wallet: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const stray = new AbortController();
  const end = () => {
    const hint = "Check that its backend can be reached, and the file that L402_WALLET names, if it is one.";
    stray.abort(new L402Error("CONFIG_INVALID", "The wallet failed while it was opened.", { hint }));
  };
  for (const event of STRAY) process.on(event, end);
  try {
    return await untilAborted(wallet, AbortSignal.any([signal, stray.signal]));
  } finally {
    for (const event of STRAY) process.off(event, end);
  }
}
