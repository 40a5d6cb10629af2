import { EXIT } from "../exit-codes.ts";
import { type Finding, ok, problem } from "./finding.ts";

const MAX_SKEW_SECONDS = 60;

/** Judges how far another clock is ahead of this one, in seconds. */
export function clockFinding(aheadSeconds: number, whose: string): Finding {
  if (Math.abs(aheadSeconds) <= MAX_SKEW_SECONDS)
    return ok(`The clock of this computer agrees with the clock of ${whose}.`);
  const difference = `${Math.round(Math.abs(aheadSeconds))} s ${aheadSeconds > 0 ? "behind" : "ahead of"}`;
  return problem(
    "CLOCK_OFF",
    `The clock of this computer is ${difference} the clock of ${whose}.`,
    "Synchronize both clocks with NTP (on Linux: timedatectl set-ntp true). Tokens and invoices expire by these clocks.",
    EXIT.usage,
  );
}
