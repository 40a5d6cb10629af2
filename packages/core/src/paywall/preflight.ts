import type { PaywallRequest, Preflight } from "./paywall.ts";

/** True for a browser's CORS preflight. It carries no credential, and must be answered without one. */
export const isPreflight = (request: PaywallRequest): boolean =>
  request.method === "OPTIONS" && Boolean(request.header("origin") && request.header("access-control-request-method"));

/**
 * Allows the requested method and headers for any origin, but without cookies. The real request still has to pay. An
 * app that has a stricter policy, or needs cookies, puts its CORS code before the paywall: then this function is never
 * reached.
 */
export function answerPreflight(request: PaywallRequest): Preflight {
  const asked = (name: string) => String(request.header(name) ?? "").replace(/[^\w!#$%&'*+.^`|~, -]/g, "");
  return {
    outcome: "preflight",
    reply: {
      status: 204,
      headers: [
        ["Access-Control-Allow-Origin", "*"],
        ["Access-Control-Allow-Methods", asked("access-control-request-method")],
        ["Access-Control-Allow-Headers", asked("access-control-request-headers") || "Authorization"],
        ["Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"],
      ],
      body: "",
    },
  };
}
