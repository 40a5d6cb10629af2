import type { Purchase } from "@l402/client";
import { inSats, printable } from "../words.ts";
import { budgetByPeriod } from "./budget-left.ts";
import { noticeOf } from "./fetch-tool.ts";
import type { Buyer } from "./open-buyer.ts";
import { number, objectOf, type Tool, text } from "./tool.ts";
import { REQUEST_SCHEMA, readToolRequest, refuseOthers } from "./tool-request.ts";

const MAX_PURCHASES = 50;
const { url, headers } = REQUEST_SCHEMA;
const NOTHING = { type: "object", additionalProperties: false };

/** The tool `quote`: tells what a URL would cost. It sends only GET, so that asking changes nothing. */
export const quoteTool = ({ client, limits }: Buyer): Tool => ({
  name: "quote",
  title: "Ask for the price",
  description:
    "What fetching an address would cost. Nothing is paid. For another method than GET, call fetch with maxSats 0: it pays nothing, and the error names the price.",
  inputSchema: { ...objectOf({ url, headers }), required: ["url"], additionalProperties: false },
  output: {
    notice: text("Who wrote description and resource"),
    asksForPayment: { type: "boolean", description: "False where it is free, or not sold over Lightning" },
    amountSats: number("The price, without the fee"),
    withinRequestLimit: { type: "boolean", description: "Whether a request may cost that much" },
    resource: text("What the seller calls it"),
    uses: { type: ["number", "string"], description: "How often what is bought can be used, or unlimited" },
    description: text("The seller's words"),
    expiresAt: text("Until when the offer can be paid"),
  },
  annotations: { readOnlyHint: true, openWorldHint: true },
  async call(given, signal) {
    const request = readToolRequest(given, ["url", "headers"]);
    const quote = await client.quote(request.url, { ...request.init, signal });
    if (!quote) return { asksForPayment: false };
    const { amountMsat, resource, uses, description, expiresAt } = quote;
    return {
      notice: noticeOf(new URL(quote.url)),
      asksForPayment: true,
      amountSats: amountMsat / 1000,
      withinRequestLimit: amountMsat <= limits.perRequestSats * 1000,
      ...(resource && { resource: printable(resource) }),
      ...(uses !== undefined && { uses }),
      ...(description && { description: printable(description) }),
      expiresAt: expiresAt.toISOString(),
    };
  },
});

const ACCOUNT = objectOf({
  spentSats: number("Fees included"),
  limitSats: number("At most"),
  leftSats: number("Left"),
});

export const spendingTool = ({ client, limits }: Buyer): Tool => ({
  name: "spending",
  title: "Limits, and what is left",
  description: "What your user allows, what was spent and what is left, by period, in sats and fees included.",
  inputSchema: NOTHING,
  output: {
    request: objectOf({ limitSats: number("For one request") }),
    hour: ACCOUNT,
    day: ACCOUNT,
    total: ACCOUNT,
    underWaySats: number("Set aside for payments whose outcome is not known yet"),
    origins: { type: "array", items: objectOf({ origin: text("Who was paid"), ...ACCOUNT.properties }) },
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
  async call(given) {
    refuseOthers(given, []);
    return budgetByPeriod(limits, await client.spending());
  },
});

export const purchasesTool = ({ client }: Buyer): Tool => ({
  name: "purchases",
  title: "What was bought",
  description:
    "What was bought and can still be used: fetch uses it by itself. Also payments whose outcome is not known yet.",
  inputSchema: NOTHING,
  output: {
    purchases: {
      type: "array",
      items: objectOf({
        status: { enum: ["paid", "unknown"] },
        method: text("Of the request it was bought for"),
        url: text("Of the request it was bought for"),
        cost: text("Without the fee"),
        usesLeft: number("As far as the seller said"),
        validUntil: text("As far as the seller said"),
        paymentHash: text("The payment's number"),
      }),
    },
    more: number("How many are not shown"),
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
  async call(given) {
    refuseOthers(given, []);
    const purchases = await client.purchases();
    const more = purchases.length - MAX_PURCHASES;
    return { purchases: purchases.slice(-MAX_PURCHASES).map(purchaseAsData), ...(more > 0 && { more }) };
  },
});

/** SECURITY: leaves out the token, and the seller's name for the resource (mcp-secrets.test.ts, "no secret"). */
const purchaseAsData = ({ status, method, url, amountMsat, usesLeft, validUntil, paymentHash }: Purchase) => ({
  status,
  method,
  url,
  cost: inSats(amountMsat),
  ...(usesLeft !== undefined && { usesLeft }),
  ...(validUntil && { validUntil: validUntil.toISOString() }),
  paymentHash,
});
