import type { Level } from "../io.ts";

/** The result of one check, in words for a seller. */
export interface Check {
  level: Level;
  text: string;
  /** For programs that read the result. */
  code?: string;
}

export const ok = (text: string): Check => ({ level: "ok", text });
export const warning = (text: string, code?: string): Check => ({ level: "warning", text, ...(code && { code }) });
export const problem = (text: string): Check => ({ level: "problem", text });
