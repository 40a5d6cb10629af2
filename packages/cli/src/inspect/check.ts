/** One thing that was looked at, as people who sell read it. */
export interface Check {
  level: "ok" | "warning" | "problem";
  text: string;
}

export const ok = (text: string): Check => ({ level: "ok", text });
export const warning = (text: string): Check => ({ level: "warning", text });
export const problem = (text: string): Check => ({ level: "problem", text });
