// The shapes of the API, as JSON Schema.

const described = (type: string | readonly string[], description: string, more: object = {}) => ({
  type,
  description,
  ...more,
});
const msat = (description: string) => described("integer", description, { minimum: 0 });
const signedMsat = (description: string) => described("integer", description);
const maybe = (schema: { type: string | readonly string[] }) => ({ ...schema, type: [schema.type, "null"].flat() });
const instant = (description: string) => described("string", description, { format: "date-time" });
const hash = (description: string) => described("string", description, { pattern: "^[0-9a-f]{64}$" });
const oneOf = (description: string, ...words: string[]) => described("string", description, { enum: words });
const text = (description: string) => described("string", description);

/** Every field is there, and no other. */
const object = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  type: "object",
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const list = (name: string, item: string) => object({ [name]: { type: "array", items: ref(item) } });
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const address = { ...text("A Lightning Address."), maxLength: 320, examples: ["you@example.com"] };
const amountMsat = { ...msat("In millisatoshis: 1 sat is 1000."), minimum: 1, examples: [21_000] };

const invoice = {
  paymentHash: hash("What the invoice is found by."),
  kind: oneOf("`direct`: made by your own address. `bill`: of fees that you owe.", "sale", "direct", "bill"),
  status: oneOf("By the node's own word.", "open", "expired", "canceled", "settled"),
  amountMsat,
  createdAt: instant("When it was made."),
  expiresAt: instant("Until when it can be paid."),
  settledAt: maybe(instant("When it was paid.")),
  receivedMsat: maybe(msat("What arrived. Can be more than was asked for.")),
  feeMsat: maybe(msat("The service's share of it.")),
};

const merchant = {
  merchantId: text("Of the account."),
  lightningAddress: address,
  mode: oneOf("Who holds the money until it is paid out.", "custodial", "direct"),
  nextAddress: {
    oneOf: [
      object({ lightningAddress: address, from: instant("When it takes the old one's place.") }),
      { type: "null" },
    ],
  },
  payouts: object({
    state: oneOf("`parked`: they failed too often, and wait for you.", "running", "parked"),
    failures: msat("How many failed in a row."),
  }),
};

const base64url = (description: string) => described("string", description, { pattern: "^[A-Za-z0-9_-]+$" });
const balanceRoot = {
  statement: text(
    "JSON: `network`, `number`, `at`, the tree's `root`, `totalMsat` that is owed, `nodeMsat` that the node holds by its own " +
      "word or null, and the SHA-256 of the `previous` statement.",
  ),
  signature: base64url("Ed25519, of exactly that text, by the last of the keys."),
  keys: {
    type: "array",
    description: "The oldest first. Each one's endorsement is by the one before it; the first has none.",
    items: object({ publicKey: base64url("Ed25519."), endorsement: maybe(base64url("Ed25519.")) }),
  },
};

export const schemas = {
  Problem: object({
    title: text("What the code says, in a few words."),
    status: { type: "integer", minimum: 400, maximum: 599 },
    code: text("For programs."),
    detail: text("What exactly is wrong."),
  }),
  Service: object({
    service: text("Its name."),
    network: oneOf("Of all invoices.", "bitcoin", "testnet", "signet", "regtest", "simnet"),
    feePerMille: msat("The service's share of every payment, rounded down to the millisatoshi."),
    payoutThresholdMsat: msat("From which balance it is paid out."),
    maxInvoiceMsat: msat("The largest invoice."),
    balanceCapMsat: msat("Above this balance there are no new invoices."),
    custody: text("Who holds what."),
    documentation: text("Where this document is."),
  }),
  Health: object(
    {
      status: oneOf("`down`: the database is.", "ok", "down"),
      payouts: oneOf("Stopped by the operator or by an alarm.", "running", "paused"),
      invoices: oneOf("Stopped by the operator.", "running", "stopped"),
    },
    ["payouts", "invoices"],
  ),
  NewMerchant: object({ lightningAddress: address, mode: merchant.mode }, ["mode"]),
  Merchant: object(merchant),
  RegisteredMerchant: object({
    ...merchant,
    apiKey: text("For your app: makes invoices, and reads. Shown once; only its hash is kept."),
    ownerKey: text("For you alone: withdraws, and changes the address. Shown once; only its hash is kept."),
  }),
  KeyToChange: object({ key: oneOf("Which one.", "api", "owner") }),
  ChangedKey: object({ apiKey: text("In the place of the old one."), ownerKey: text("In the place of the old one.") }, [
    "apiKey",
    "ownerKey",
  ]),
  NewAddress: object({ lightningAddress: address }),
  NewInvoice: object(
    {
      amountMsat,
      description: { ...text("What the payer sees."), maxLength: 639 },
      expiresInSeconds: { type: "integer", minimum: 10, maximum: 604_800, default: 3_600 },
      lightningAddress: { ...address, description: "In place of an API key: who is paid. Not beside one." },
    },
    ["description", "expiresInSeconds", "lightningAddress"],
  ),
  Invoice: object(invoice),
  CreatedInvoice: object({ ...invoice, bolt11: text("What is paid.") }),
  CompatibleOrder: object({ amountSats: { ...msat("Whole sats."), minimum: 1 }, ownerAddress: address }),
  CompatibleInvoice: object({
    paymentRequest: text("What is paid."),
    paymentHash: invoice.paymentHash,
    amountSats: msat("As it was ordered."),
    expiresAt: invoice.expiresAt,
  }),
  Balance: object({
    availableMsat: msat("What you can withdraw."),
    pendingMsat: msat("Set aside for payouts under way, with the most that they may cost."),
    owedMsat: msat("Fees of direct sales that are not paid yet."),
  }),
  StatementLine: object({
    cursor: msat("Ask for what comes `after` it."),
    at: instant("When it was booked."),
    kind: oneOf(
      "What happened.",
      ...["payment", "direct-sale", "bill-paid", "payout-reserved", "payout-paid", "payout-returned"],
    ),
    paymentHash: maybe(hash("Of the payment, in or out.")),
    payoutId: maybe(text("Of a payout.")),
    amountMsat: maybe(msat("What the buyer paid, or what a payout's payee gets.")),
    feeMsat: msat("The service's share."),
    routingFeeMsat: msat("What a payout cost on the way."),
    preimage: maybe(hash("The proof that a payout was paid: its SHA-256 is the paymentHash.")),
    refundOf: maybe(hash("The payment that a payout gives back to its buyer.")),
    availableChangeMsat: signedMsat("How the available balance changed. In direct mode: minus what is owed."),
    pendingChangeMsat: signedMsat("How the balance that is set aside changed."),
    availableMsat: signedMsat("The available balance after it."),
    pendingMsat: msat("The balance that is set aside, after it."),
  }),
  Statement: object({
    lines: { type: "array", items: ref("StatementLine") },
    next: { ...maybe(msat("The next page's `after`; null at the end.")) },
  }),
  NewWithdrawal: object(
    { bolt11: text("An invoice of yours, with an amount."), maxFeeMsat: msat("The most that it may cost on the way.") },
    ["maxFeeMsat"],
  ),
  NewRefund: object(
    {
      paymentHash: hash("Of the payment that you give back."),
      preimage: hash("What your buyer got for paying. It shows that whoever asks has paid."),
      bolt11: text("Your buyer's invoice, for at most what was paid."),
      maxFeeMsat: msat("The most that it may cost you on the way."),
    },
    ["maxFeeMsat"],
  ),
  Payout: object({
    id: text("Of the payout."),
    kind: oneOf("To your address, or by an invoice of yours.", "address", "withdrawal", "operator"),
    destination: text("The address, or `invoice`."),
    status: oneOf("`sending`: its outcome is not known yet.", "reserved", "sending", "paid", "failed"),
    amountMsat: msat("What its payee gets."),
    maxFeeMsat: msat("The most that it may cost. What is not used goes back."),
    feeMsat: maybe(msat("What it cost.")),
    paymentHash: maybe(hash("Of its invoice.")),
    preimage: maybe(hash("The proof that it was paid.")),
    reason: maybe(text("Why it failed, or waits.")),
    refundOf: maybe(hash("The payment that this gives back to its buyer.")),
    createdAt: instant("When its money was set aside."),
    endedAt: maybe(instant("When it was paid or failed.")),
  }),
  Payouts: list("payouts", "Payout"),
  BalanceRoot: object(balanceRoot),
  BalanceProof: object({
    ...balanceRoot,
    leaf: {
      oneOf: [
        object({
          merchantId: merchant.merchantId,
          balanceMsat: msat("Available and set aside."),
          cursor: msat("Of the statement's last line that is in it."),
          nonce: hash("Keeps others from guessing the leaf."),
        }),
        { type: "null" },
      ],
    },
    path: {
      type: "array",
      items: object({
        side: oneOf("Of the neighbour.", "left", "right"),
        hash: hash("Of the neighbour."),
        sumMsat: msat("All that is owed below the neighbour."),
      }),
    },
  }),
  Notice: object({
    id: msat("Of the notice."),
    kind: text("For programs."),
    text: text("For people."),
    at: instant("When it was written."),
  }),
  Notices: list("notices", "Notice"),
};
