export const wallet = {
  name: "test",
  payInvoice: async () => ({ status: "failed", reason: "This wallet is empty." }),
  lookupPayment: async () => ({ status: "not-found" }),
};
