// For sellers.

export { createPaywall } from "./create-paywall.ts";
export { type ChallengeLimits, createMemoryChallengeLimiter } from "./memory-challenge-limiter.ts";
export { createMemoryPaymentLog } from "./memory-payment-log.ts";
export { createMemoryUseStore, type MemoryUseStoreOptions } from "./memory-use-store.ts";
export type { PaywallEvent } from "./paywall/events.ts";
export type { PaywallOptions } from "./paywall/options.ts";
export type { Payment, Paywall, Price, Terms, TermsFor } from "./paywall/paywall.ts";
export type { NamedSecret, Secret } from "./token/key-ring.ts";
export { type MacaroonFormatOptions, macaroonFormat } from "./token/macaroon/macaroon-format.ts";
export { signedJsonFormat } from "./token/signed-json/signed-json-format.ts";
export { verifyWebhook, type WebhookDelivery } from "./verify-webhook.ts";
export { type WebhookLogOptions, webhookLog } from "./webhook-log.ts";

// For all who handle errors.

export type { ClientErrorCode } from "./client-error-codes.ts";
export type { FundsMoved, L402ErrorCode } from "./error-codes.ts";
export { isL402Error, L402Error, type L402ErrorOptions } from "./errors.ts";

// Replaceable parts: a seller's backend, a buyer's wallet, stores, limits, logs, tokens, and the page for people.

export type { ChallengeAllowance, ChallengeLimiter } from "./interfaces/challenge-limiter.ts";
export type { ClientStore } from "./interfaces/client-store.ts";
export type { Clock } from "./interfaces/clock.ts";
export type { Fetch } from "./interfaces/fetch.ts";
export type {
  CreateInvoiceInput,
  Invoice,
  InvoiceRef,
  InvoiceState,
  LightningProvider,
} from "./interfaces/lightning-provider.ts";
export type { LightningWallet, PayInvoiceInput, PaymentResult } from "./interfaces/lightning-wallet.ts";
export type { PaymentEvent, PaymentLog } from "./interfaces/payment-log.ts";
export type { Instead, IsPaid, PageEngine, PageVisit, PaywallPage } from "./interfaces/paywall-page.ts";
export type { AuthenticToken, Caveat, TokenClaims, TokenFormat } from "./interfaces/token-format.ts";
export type { Use, UseStore } from "./interfaces/use-store.ts";

// For adapters: a request goes in, a decision comes out.

export { headerLines, type NodeHeaders } from "./for-adapters/header-lines.ts";
export { isWebSocket } from "./for-adapters/is-web-socket.ts";
export { mergeHeaders } from "./for-adapters/merge-headers.ts";
export { type NodeResponse, watchResponse } from "./for-adapters/watch-response.ts";
export type {
  Answered,
  Decision,
  Denied,
  Gate,
  Granted,
  PaywallRequest,
  Preflight,
  Reply,
  RequestEnd,
} from "./paywall/paywall.ts";
export type { Offer, OfferedTerms } from "./paywall/reply.ts";

// For clients and tools: the formats of the wire.

export { type DecodedInvoice, decodeInvoice, NETWORKS, type Network } from "@l402/bolt11";
export { isPreimageOf } from "./is-preimage-of.ts";
export { attenuateToken } from "./token/attenuate-token.ts";
export { describeToken, type TokenDescription } from "./token/describe-token.ts";
export { createKeyRing, type KeyRing, type SigningKey } from "./token/key-ring.ts";
export type { Narrowing } from "./token/narrowing.ts";
export { paymentHashOf } from "./token/payment-hash-of.ts";
export { type Challenge, formatCredential, parseChallenges } from "./wire/challenge-header.ts";
export { type Credential, parseAuthorization } from "./wire/parse-authorization.ts";

// For packages with their own options, stores or limits.

export { checkOption, refuseUnknownOptions } from "./check-option.ts";
export { clientError } from "./client-error.ts";
export { createGiveBack } from "./give-back.ts";
export { customersOf } from "./memory-challenge-limiter.ts";
export { isPublicAddress } from "./public-address.ts";
