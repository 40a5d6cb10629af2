import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { routePath } from "hono/route";
import { problem } from "../problem.ts";
import type { Service } from "../service.ts";
import { within } from "../within.ts";
import { accountRoutes } from "./account-routes.ts";
import { type ApiOptions, createApiParts } from "./api-context.ts";
import { hintRoutes } from "./hint-routes.ts";
import { invoiceRoutes } from "./invoice-routes.ts";
import { methodsOf } from "./openapi/openapi-document.ts";
import { payoutRoutes } from "./payout-routes.ts";
import { answerTo, SAFE_HEADERS } from "./problem-response.ts";
import { proofRoutes } from "./proof-routes.ts";
import type { RequestMetrics } from "./request-metrics.ts";
import { serviceRoutes } from "./service-routes.ts";

/** The service over HTTP, for merchants. */
export function createApi(service: Service, options: ApiOptions, metrics: RequestMetrics) {
  const { timeLimitSeconds = 20, onError = (error) => console.error(error) } = options;
  const parts = createApiParts(service, options);
  const routes = [serviceRoutes, accountRoutes, invoiceRoutes, payoutRoutes, proofRoutes, hintRoutes];

  const answer = (error: Error) =>
    answerTo(error, "An internal error occurred. The operator finds it in the log of the service.", onError);

  const api = new Hono<{ Bindings: HttpBindings }>();
  api.use(async (c, next) => {
    const began = performance.now();
    const answered = next().then(() => true);
    if (!(await within(timeLimitSeconds * 1_000, answered))) {
      const text = "The operation takes too long, and may still be carried out. Check the result before you try again.";
      c.res = answer(problem("NODE_UNAVAILABLE", text, 5));
    }
    metrics.count(c.req.method, routePath(c, -1), c.res.status, performance.now() - began);
    for (const [name, value] of Object.entries(SAFE_HEADERS)) c.header(name, value);
  });
  for (const each of routes) api.route("/", each(parts));

  api.notFound((c) => {
    const methods = methodsOf(c.req.path);
    const refused =
      methods.length === 0
        ? problem("NOT_FOUND", "This path does not exist. See /openapi.json.")
        : problem("METHOD_NOT_ALLOWED", `This path supports only ${methods.join(", ")}.`);
    const response = answer(refused);
    if (methods.length > 0) response.headers.set("allow", methods.join(", "));
    return response;
  });
  api.onError(answer);
  return api;
}
