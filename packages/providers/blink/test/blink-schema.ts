import { buildSchema } from "graphql";

/** The part of Blink's API that this package uses. blink-contract.test.ts compares it with the whole of it. */
const SCHEMA = /* GraphQL */ `
  scalar LnPaymentPreImage
  scalar LnPaymentRequest
  scalar Memo
  scalar Minutes
  scalar PaymentHash
  scalar SatAmount
  scalar SignedAmount
  scalar WalletId

  enum InvoicePaymentStatus { EXPIRED PAID PENDING }
  enum PaymentSendResult { ALREADY_PAID FAILURE PENDING SUCCESS }
  enum TxDirection { RECEIVE SEND }
  enum TxStatus { FAILURE PENDING SUCCESS }
  enum WalletCurrency { BTC USD }

  interface Error { code: String message: String! path: [String] }
  type GraphQLApplicationError implements Error { code: String message: String! path: [String] }

  input LnInvoiceCreateInput { amount: SatAmount! expiresIn: Minutes memo: Memo walletId: WalletId! }
  type LnInvoice { paymentHash: PaymentHash! paymentRequest: LnPaymentRequest! }
  type LnInvoicePayload { errors: [Error!]! invoice: LnInvoice }

  input LnInvoicePaymentStatusByHashInput { paymentHash: PaymentHash! }
  type LnInvoicePaymentStatus {
    paymentHash: PaymentHash
    paymentPreimage: LnPaymentPreImage
    paymentRequest: LnPaymentRequest
    status: InvoicePaymentStatus
  }

  input LnInvoicePaymentInput { memo: Memo paymentRequest: LnPaymentRequest! walletId: WalletId! }
  type PaymentSendPayload { errors: [Error!]! status: PaymentSendResult transaction: Transaction }

  type InitiationViaLn { paymentHash: PaymentHash! paymentRequest: LnPaymentRequest! }
  union InitiationVia = InitiationViaLn
  type SettlementViaLn { preImage: LnPaymentPreImage }
  type SettlementViaIntraLedger { preImage: LnPaymentPreImage }
  union SettlementVia = SettlementViaIntraLedger | SettlementViaLn
  type Transaction {
    direction: TxDirection!
    initiationVia: InitiationVia!
    settlementCurrency: WalletCurrency!
    settlementFee: SignedAmount!
    settlementVia: SettlementVia!
    status: TxStatus!
  }

  interface Wallet { transactionsByPaymentHash(paymentHash: PaymentHash!): [Transaction!]! }
  type BTCWallet implements Wallet { transactionsByPaymentHash(paymentHash: PaymentHash!): [Transaction!]! }
  interface Account { walletById(walletId: WalletId!): Wallet! }
  type ConsumerAccount implements Account { walletById(walletId: WalletId!): Wallet! }
  type User { defaultAccount: Account! }

  type Query {
    lnInvoicePaymentStatusByHash(input: LnInvoicePaymentStatusByHashInput!): LnInvoicePaymentStatus!
    me: User
  }
  type Mutation {
    lnInvoiceCreate(input: LnInvoiceCreateInput!): LnInvoicePayload!
    lnInvoicePaymentSend(input: LnInvoicePaymentInput!): PaymentSendPayload!
  }
`;

export const schema = buildSchema(SCHEMA);
