import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { routePath } from "hono/route";
import { problem, problemOf } from "../problem.ts";
import type { Service } from "../service.ts";
import { accountRoutes } from "./account-routes.ts";
import { type ApiOptions, createApiParts } from "./api-context.ts";
import { hintRoutes } from "./hint-routes.ts";
import { invoiceRoutes } from "./invoice-routes.ts";
import { methodsOf } from "./openapi/openapi-document.ts";
import { payoutRoutes } from "./payout-routes.ts";
import { problemResponse } from "./problem-response.ts";
import type { RequestMetrics } from "./request-metrics.ts";
import { serviceRoutes } from "./service-routes.ts";

export type Api = ReturnType<typeof createApi>;

/** The service over HTTP, for merchants. */
export function createApi(service: Service, options: ApiOptions, metrics: RequestMetrics) {
  const { timeLimitSeconds = 20, onError = (error) => console.error(error) } = options;
  const parts = createApiParts(service, options);
  const routes = [serviceRoutes, accountRoutes, invoiceRoutes, payoutRoutes, hintRoutes];

  const api = new Hono<{ Bindings: HttpBindings }>();
  api.use(async (c, next) => {
    const began = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const text = "This takes too long. It may still be done: look before you try again.";
      timer = setTimeout(() => reject(problem("NODE_UNAVAILABLE", text, 5)), timeLimitSeconds * 1_000);
    });
    try {
      await Promise.race([next(), late]);
    } finally {
      clearTimeout(timer);
      metrics.count(c.req.method, routePath(c, -1), c.res.status, performance.now() - began);
    }
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
    c.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  });
  for (const each of routes) api.route("/", each(parts));

  api.notFound((c) => {
    const methods = methodsOf(c.req.path);
    if (methods.length === 0) throw problem("NOT_FOUND", "There is nothing at this path. See /openapi.json.");
    c.header("allow", methods.join(", "));
    throw problem("METHOD_NOT_ALLOWED", `Here are ${methods.join(", ")}.`);
  });
  api.onError((error, c) => {
    const told = problemOf(error);
    if (!told) onError(error);
    const response = problemResponse(told ?? (problemOf(problem("INTERNAL", "It was written down.")) as never));
    const allow = c.res.headers.get("allow");
    if (allow) response.headers.set("allow", allow);
    return response;
  });
  return api;
}
