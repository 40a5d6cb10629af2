export { ERROR_CODES, type FundsMoved, type L402ErrorCode } from "./error-codes.ts";
export { isL402Error, L402Error, type L402ErrorOptions } from "./errors.ts";
export type { ChallengeAllowance, ChallengeLimiter } from "./interfaces/challenge-limiter.ts";
export type { Clock } from "./interfaces/clock.ts";
export type {
  CreateInvoiceInput,
  Invoice,
  InvoiceRef,
  InvoiceState,
  LightningProvider,
} from "./interfaces/lightning-provider.ts";
export type { LightningWallet, PayInvoiceInput, PaymentResult } from "./interfaces/lightning-wallet.ts";
export type { PaymentEvent, PaymentLog } from "./interfaces/payment-log.ts";
export type { AuthenticToken, Caveat, TokenClaims, TokenFormat } from "./interfaces/token-format.ts";
export type { Use, UseStore } from "./interfaces/use-store.ts";
export type {
  Decision,
  Denied,
  Gate,
  Granted,
  Payment,
  Paywall,
  PaywallRequest,
  Preflight,
  Price,
  Reply,
  Terms,
  TermsFor,
} from "./paywall/paywall.ts";
export { createKeyRing, type KeyRing, type NamedSecret, type Secret, type SigningKey } from "./token/key-ring.ts";
