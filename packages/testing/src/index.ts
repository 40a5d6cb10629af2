export { type Exchange, fakeBackend, type Reply } from "./fake-backend.ts";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { type FakeLightning, type FakeLightningOptions, fakeLightning } from "./fake-lightning.ts";
export {
  type AdapterApp,
  type AdapterRoute,
  type AdapterSubject,
  describeAdapter,
  type HandlerTask,
  type HeaderReader,
  type RunningServer,
} from "./kits/adapter.ts";
export { type BackendSubject, describeBackend } from "./kits/backend.ts";
export { type ChallengeLimiterSubject, describeChallengeLimiter, type KitLimits } from "./kits/challenge-limiter.ts";
export { type ClientStoreSubject, describeClientStore } from "./kits/client-store.ts";
export type { KitSubject, Repair, TestRunner } from "./kits/kit.ts";
export {
  describePaymentLog,
  type LoggedPayment,
  type OpenPaymentLog,
  type PaymentLogSubject,
} from "./kits/payment-log.ts";
export { describeProvider, type ProviderSubject, type Settlement } from "./kits/provider.ts";
export { describeTokenFormat, type TokenFormatSubject } from "./kits/token-format.ts";
export { describeUseStore, type UseStoreSubject } from "./kits/use-store.ts";
export { type CostlyInvoice, describeWallet, type WalletSubject } from "./kits/wallet.ts";
export type { CallFault, FakeCall, FaultOf, InvoiceLie, PaymentFault } from "./lightning/faults.ts";
export type { FakeInvoice, FakePayment } from "./lightning/ledger.ts";
export { type PayableChallenge, payChallenge } from "./pay-challenge.ts";
