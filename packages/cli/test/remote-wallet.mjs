// A wallet file as users write one: here it pays from the Lightning node in the process of the test.
async function ask(question) {
  const response = await fetch(process.env.TEST_WALLET_URL, { method: "POST", body: JSON.stringify(question) });
  return response.json();
}

export const wallet = {
  name: "test",
  payInvoice: ({ bolt11, maxFeeMsat }) => ask({ bolt11, maxFeeMsat }),
  lookupPayment: (paymentHash) => ask({ paymentHash }),
};
