// A node of one's own, in a file: here it asks the Lightning node in the process of the test.
async function ask(question) {
  const response = await fetch(process.env.TEST_PROVIDER_URL, { method: "POST", body: JSON.stringify(question) });
  const { expiresAt, ...answer } = await response.json();
  return { ...answer, ...(expiresAt && { expiresAt: new Date(expiresAt) }) };
}

export const provider = {
  name: "test",
  preimageProvesPayment: true,
  createInvoice: ({ signal, ...order }) => ask({ order }),
  lookupInvoice: ({ paymentHash }) => ask({ paymentHash }),
};
