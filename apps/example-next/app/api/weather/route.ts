import { withL402 } from "@l402/next";
import { shop } from "../../../lib/shop";

export const GET = withL402(shop().paywall, { price: 10, description: "Today's weather" }, (_request, payment) =>
  Response.json({ weather: "sunny", paidMsat: payment.amountMsat }),
);
