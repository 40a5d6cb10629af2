import { shop } from "../../../lib/shop";

/** The buyer's wallet of this example. It is here only because its money is not real. */
export async function POST(request: Request) {
  const { invoice } = (await request.json()) as { invoice: string };
  return Response.json(await shop().lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 }));
}
