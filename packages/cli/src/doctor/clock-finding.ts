import { EXIT } from "../exit-codes.ts";
import { type Finding, ok, problem } from "./finding.ts";

const MAX_SKEW_SECONDS = 60;

/** Judges how far another clock is ahead of this one, in seconds. */
export function clockFinding(aheadSeconds: number, whose: string): Finding {
  if (Math.abs(aheadSeconds) <= MAX_SKEW_SECONDS) return ok(`The clock here agrees with that of ${whose}.`);
  const difference = `${Math.round(Math.abs(aheadSeconds))} s ${aheadSeconds > 0 ? "behind" : "ahead of"}`;
  return problem(
    "CLOCK_OFF",
    `The clock here is ${difference} that of ${whose}.`,
    "Set the clocks by NTP (timedatectl set-ntp true): tokens and invoices expire by them.",
    EXIT.usage,
  );
}
