/** As BTCPay posts it when a store invoice is settled. */
export const event = {
  deliveryId: "7Ct2NKQF6ZkTqTWGBUVCnd",
  webhookId: "Vy5KvTw5mr7f2Gm1qF3MbY",
  originalDeliveryId: "7Ct2NKQF6ZkTqTWGBUVCnd",
  isRedelivery: false,
  type: "InvoiceSettled",
  timestamp: 1_790_000_000,
  storeId: "9CiNzKoANXxmk5ayZngSXrHTiVvvgCrwrpFQd4m2K776",
  invoiceId: "PZ8gxhyFRVJqfVGkMNbYQ4",
  metadata: {},
  manuallyMarked: false,
};
