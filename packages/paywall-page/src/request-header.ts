import type { PaywallRequest } from "@l402/core";

/** Returns a header as one text; `undefined` if there is none. */
export function headerOf(request: PaywallRequest, name: string): string | undefined {
  const value = request.header(name);
  if (typeof value === "string") return value || undefined;
  return value?.length ? value.join(name === "cookie" ? "; " : ", ") : undefined;
}
