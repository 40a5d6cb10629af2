const { startRegtest } = require("@l402/regtest");

test("a real payment under Jest", async () => {
  const { nodes, close } = await startRegtest();
  const order = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };
  const { bolt11 } = await nodes.seller.provider.createInvoice(order);
  expect(await nodes.buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 2_000 })).toMatchObject({ status: "paid" });
  close();
});
