/** All texts of the page in one language. */
export interface PageText {
  /** The heading of an offer. */
  title: string;
  /** The unit after an amount of one, and after any other amount. */
  sat: string;
  sats: string;
  visits: string;
  unlimited: string;
  validFor: string;
  /** Shown above an invoice that is not for bitcoin itself. */
  testNetwork: string;
  scan: string;
  openWallet: string;
  payInBrowser: string;
  copy: string;
  copied: string;
  /** Shown until the invoice is paid; `notPaidYet` is for browsers without JavaScript. */
  waiting: string;
  notPaidYet: string;
  /** Shown before the visitor pays. */
  noCookies: string;
  iHavePaid: string;
  timeLeft: string;
  paid: string;
  expired: string;
  newInvoice: string;
  /** The seller's Lightning node does not answer. */
  cannotCheck: string;
  /** The browser has no cookie after the payment. */
  notKept: string;
  walletFailed: string;
  invoiceAsText: string;
  qrCode: string;
  /** Three steps for a visitor who has never heard of Lightning. */
  helpTitle: string;
  help1: string;
  help2: string;
  help3: string;
  /** Shown above a new offer. */
  usedUp: string;
  passExpired: string;
  priceChanged: string;
  /** For a visitor who comes from another site and has a pass. */
  welcomeBack: string;
  visitsLeft: string;
  openPage: string;
  /** The texts of short pages. */
  unavailableTitle: string;
  unavailable: string;
  tooManyTitle: string;
  tooMany: string;
  refusedTitle: string;
  refused: string;
  settlingTitle: string;
  settling: string;
  brokenTitle: string;
  broken: string;
  programsOnlyTitle: string;
  programsOnly: string;
  tryAgain: string;
}
