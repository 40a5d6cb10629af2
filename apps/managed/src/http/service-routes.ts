import type { ApiParts } from "./api-context.ts";
import { openApiDocument } from "./openapi/openapi-document.ts";

/** What anybody may know about the service. */
export function serviceRoutes({ service, factory, limitClient }: ApiParts) {
  const { settings, switches } = service;

  return factory
    .createApp()
    .get("/", (c) =>
      c.json({
        service: "L402 managed service",
        network: settings.network,
        feePerMille: 3,
        payoutThresholdMsat: settings.payoutThresholdMsat,
        maxInvoiceMsat: settings.maxInvoiceMsat,
        balanceCapMsat: settings.balanceCapMsat,
        custody: "In custodial mode the operator of this service holds balances until they are paid out.",
        documentation: "/openapi.json",
      }),
    )

    .get("/health", async (c) => {
      limitClient(c, 1);
      try {
        const on = await switches.read();
        const words = { payouts: on.has("payouts_paused") ? "paused" : "running" } as const;
        return c.json({ status: "ok", ...words, invoices: on.has("invoices_stopped") ? "stopped" : "running" });
      } catch {
        return c.json({ status: "down" }, 503);
      }
    })

    .get("/openapi.json", (c) => c.json(openApiDocument));
}
