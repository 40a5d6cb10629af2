import { isL402Error } from "@l402/core";
import { EXIT } from "../exit-codes.ts";

/** One thing the doctor looked at. */
export interface Finding {
  level: "ok" | "warning" | "problem";
  /** What was found. */
  text: string;
  /** What to do about it. */
  fix?: string;
  /** Of the error behind it. */
  code?: string;
  exitCode?: number;
}

export const ok = (text: string): Finding => ({ level: "ok", text });
export const warning = (text: string, fix: string): Finding => ({ level: "warning", text, fix });
export const problem = (text: string, fix: string, exitCode: number): Finding => ({
  level: "problem",
  text,
  fix,
  exitCode,
});

/** What went wrong, in the words of the error that is made for it. */
export function findingOf(what: string, error: unknown, exitCode: number): Finding {
  if (!isL402Error(error)) {
    const { name = "?" } = (error ?? {}) as { name?: string };
    return problem(
      `${what} failed (${name}).`,
      "If the backend is a file of yours, look there. Otherwise report it.",
      exitCode,
    );
  }
  const { code, message, hint } = error;
  const fix = code === "STORE_UNAVAILABLE" ? "Check that it runs, its address and its key." : hint;
  return { ...problem(`${what}: ${message}`, fix, code === "CONFIG_INVALID" ? EXIT.usage : exitCode), code };
}
