/** The result of one check, in words for a seller. */
export interface Check {
  level: "ok" | "warning" | "problem";
  text: string;
}

export const ok = (text: string): Check => ({ level: "ok", text });
export const warning = (text: string): Check => ({ level: "warning", text });
export const problem = (text: string): Check => ({ level: "problem", text });
