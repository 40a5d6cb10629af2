// The documents are constants without values, because a test validates each of them against Blink's own schema.

export const CREATE_INVOICE = `mutation CreateInvoice($input: LnInvoiceCreateInput!) {
  lnInvoiceCreate(input: $input) {
    invoice { paymentRequest paymentHash }
    errors { code }
  }
}`;

export const LOOK_UP_INVOICE = `query LookUpInvoice($input: LnInvoicePaymentStatusByHashInput!) {
  lnInvoicePaymentStatusByHash(input: $input) { status paymentHash paymentPreimage }
}`;

// Blink settles between its own accounts without Lightning. It then returns the preimage in another field.
const PAYMENT = `fragment Payment on Transaction {
  direction
  status
  settlementFee
  settlementCurrency
  initiationVia { ... on InitiationViaLn { paymentRequest } }
  settlementVia {
    ... on SettlementViaLn { preImage }
    ... on SettlementViaIntraLedger { preImage }
  }
}`;

export const PAY_INVOICE = `mutation PayInvoice($input: LnInvoicePaymentInput!) {
  lnInvoicePaymentSend(input: $input) {
    status
    errors { code }
    transaction { ...Payment }
  }
}
${PAYMENT}`;

export const LOOK_UP_PAYMENTS = `query LookUpPayments($walletId: WalletId!, $paymentHash: PaymentHash!) {
  me {
    defaultAccount {
      walletById(walletId: $walletId) {
        transactionsByPaymentHash(paymentHash: $paymentHash) { ...Payment }
      }
    }
  }
}
${PAYMENT}`;
