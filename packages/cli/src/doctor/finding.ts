import { hintInVariables } from "@l402/config";
import { isL402Error } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io, Level } from "../io.ts";

/** The result of one check of the doctor. */
export interface Finding {
  level: Level;
  text: string;
  /** The advice to the user. */
  fix?: string;
  /** A code for programs: the doctor's own, or the code of the error behind the finding. */
  code?: string;
  exitCode?: number;
}

type Role = "provider" | "wallet";

export const ok = (text: string): Finding => ({ level: "ok", text });
export const warning = (code: string, text: string, fix: string): Finding => ({ level: "warning", code, text, fix });
export const problem = (code: string, text: string, fix: string, exitCode: number): Finding => ({
  level: "problem",
  code,
  text,
  fix,
  exitCode,
});

/** Makes a finding from an error, in the error's words. Names a backend's options by their environment variables. */
export function findingOf(what: string, error: unknown, exitCode: number, io: Io, role?: Role): Finding {
  if (!isL402Error(error)) {
    const { name = "?" } = (error ?? {}) as { name?: string };
    const fix = "If the backend is your own file, check that file. Otherwise please report this error.";
    return problem("BACKEND_FAILED", `${what}: an unexpected ${name} occurred.`, fix, exitCode);
  }
  const { code, message, hint } = error;
  const told = role ? hintInVariables(hint, io.env, role) : hint;
  const fix = code === "STORE_UNAVAILABLE" ? "Check that the store is running, and check its address and key." : told;
  return problem(code, `${what}: ${message}`, fix, code === "CONFIG_INVALID" ? EXIT.usage : exitCode);
}
