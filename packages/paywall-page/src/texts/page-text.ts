/** Everything the page says in one language. */
export interface PageText {
  /** The heading of an offer. */
  title: string;
  /** After an amount of one, and of any other. */
  sat: string;
  sats: string;
  visits: string;
  unlimited: string;
  validFor: string;
  scan: string;
  openWallet: string;
  payInBrowser: string;
  copy: string;
  copied: string;
  /** While nothing was paid yet; the second one where there is no JavaScript. */
  waiting: string;
  notPaidYet: string;
  /** Said before anybody pays. */
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
  /** Three steps, for somebody who has never heard of Lightning. */
  helpTitle: string;
  help1: string;
  help2: string;
  help3: string;
  /** Above a new offer. */
  usedUp: string;
  passExpired: string;
  priceChanged: string;
  /** For somebody who comes from another site and has a pass. */
  welcomeBack: string;
  visitsLeft: string;
  openPage: string;
  /** Short pages. */
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
