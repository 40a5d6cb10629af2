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
const amountMsat = { ...msat("The amount in millisatoshis: 1 sat is 1000."), minimum: 1, examples: [21_000] };

const invoice = {
  paymentHash: hash("The payment hash, which identifies the invoice."),
  kind: oneOf(
    "`sale`: paid to the service. `direct`: paid to your own address. `bill`: for fees that you owe.",
    "sale",
    "direct",
    "bill",
  ),
  status: oneOf("The status that the node reports.", "open", "expired", "canceled", "settled"),
  amountMsat,
  createdAt: instant("When the invoice was created."),
  expiresAt: instant("When the invoice expires."),
  settledAt: maybe(instant("When the invoice was paid.")),
  receivedMsat: maybe(msat("The received amount. It can be higher than amountMsat.")),
  feeMsat: maybe(msat("The fee of the service.")),
};

const merchant = {
  merchantId: text("The id of the account."),
  lightningAddress: address,
  mode: oneOf(
    "`custodial`: the service holds the money until the payout. `direct`: buyers pay your address.",
    "custodial",
    "direct",
  ),
  nextAddress: {
    oneOf: [
      object({ lightningAddress: address, from: instant("When the new address replaces the old one.") }),
      { type: "null" },
    ],
  },
  payouts: object({
    state: oneOf("`parked`: payouts failed too often, and wait until you resume them.", "running", "parked"),
    failures: msat("The number of failed payouts in a row."),
  }),
};

const base64url = (description: string) => described("string", description, { pattern: "^[A-Za-z0-9_-]+$" });
const balanceRoot = {
  statement: text(
    "JSON: `network`, `number`, `at`, the `root` of the tree, the owed `totalMsat`, `nodeMsat` (the balance that the node " +
      "reports, or null), and the SHA-256 of the `previous` statement.",
  ),
  signature: base64url("The Ed25519 signature of exactly this text, by the last of the keys."),
  keys: {
    type: "array",
    description: "The keys, oldest first. Each key is endorsed by the key before it; the first key has no endorsement.",
    items: object({ publicKey: base64url("An Ed25519 key."), endorsement: maybe(base64url("An Ed25519 signature.")) }),
  },
};

export const schemas = {
  Problem: object({
    title: text("A short description of the code."),
    status: { type: "integer", minimum: 400, maximum: 599 },
    code: text("The code, for programs."),
    detail: text("An explanation of this error, and the next step."),
  }),
  Service: object({
    service: text("The name of the service."),
    network: oneOf("The network of all invoices.", "bitcoin", "testnet", "signet", "regtest", "simnet"),
    feePerMille: msat("The fee of the service in per mille of every payment, rounded down to the millisatoshi."),
    payoutThresholdMsat: msat("The balance from which payouts begin."),
    maxInvoiceMsat: msat("The highest amount of an invoice."),
    balanceCapMsat: msat("Above this balance, no new invoices are created."),
    custody: text("A sentence about who holds the money."),
    documentation: text("The path of this document."),
  }),
  Health: object(
    {
      status: oneOf("`down`: the database does not answer.", "ok", "down"),
      payouts: oneOf("`paused`: by the operator or by an alarm.", "running", "paused"),
      invoices: oneOf("`stopped`: by the operator.", "running", "stopped"),
    },
    ["payouts", "invoices"],
  ),
  NewMerchant: object({ lightningAddress: address, mode: merchant.mode }, ["mode"]),
  Merchant: object(merchant),
  RegisteredMerchant: object({
    ...merchant,
    apiKey: text(
      "The key for your app: it creates invoices and reads data. Shown only once; the service keeps only its hash.",
    ),
    ownerKey: text(
      "The key for you only: it withdraws money and changes the address. Shown only once; the service keeps only its hash.",
    ),
  }),
  KeyToChange: object({ key: oneOf("The key to replace.", "api", "owner") }),
  ChangedKey: object({ apiKey: text("The new API key."), ownerKey: text("The new owner key.") }, [
    "apiKey",
    "ownerKey",
  ]),
  NewAddress: object({ lightningAddress: address }),
  NewInvoice: object(
    {
      amountMsat,
      description: { ...text("The text that the payer sees."), maxLength: 639 },
      expiresInSeconds: {
        ...{ type: "integer", minimum: 10, maximum: 604_800, default: 3_600 },
        description: "Without an API key, an invoice expires after an hour at most.",
      },
      lightningAddress: {
        ...address,
        description: "The Lightning Address to pay out to, if you have no account. Not together with an API key.",
      },
    },
    ["description", "expiresInSeconds", "lightningAddress"],
  ),
  Invoice: object(invoice),
  CreatedInvoice: object({ ...invoice, bolt11: text("The BOLT11 invoice to pay.") }),
  CompatibleOrder: object({ amountSats: { ...msat("The amount in whole sats."), minimum: 1 }, ownerAddress: address }),
  CompatibleInvoice: object({
    paymentRequest: text("The BOLT11 invoice to pay."),
    paymentHash: invoice.paymentHash,
    amountSats: msat("The requested amount."),
    expiresAt: invoice.expiresAt,
  }),
  Balance: object({
    availableMsat: msat("The amount that you can withdraw."),
    pendingMsat: msat("The amount reserved for running payouts, including their fee limits."),
    owedMsat: msat("The unpaid fees of direct sales."),
  }),
  StatementLine: object({
    cursor: msat("The position of the line. Pass it as `after` to get the lines that follow."),
    at: instant("When the line was booked."),
    kind: oneOf(
      "The kind of transaction.",
      ...["payment", "direct-sale", "bill-paid", "payout-reserved", "payout-paid", "payout-returned"],
    ),
    paymentHash: maybe(hash("The payment hash of the incoming or outgoing payment.")),
    payoutId: maybe(text("The id of the payout.")),
    amountMsat: maybe(msat("The amount that the buyer paid, or that the payee of a payout receives.")),
    feeMsat: msat("The fee of the service."),
    routingFeeMsat: msat("The routing fee of a payout."),
    preimage: maybe(hash("The proof that a payout was paid: its SHA-256 hash is the paymentHash.")),
    refundOf: maybe(hash("The payment hash of the payment that this payout refunds.")),
    availableChangeMsat: signedMsat(
      "The change of the available balance. In direct mode: of the negative owed amount.",
    ),
    pendingChangeMsat: signedMsat("The change of the reserved balance."),
    availableMsat: signedMsat("The available balance after this line."),
    pendingMsat: msat("The reserved balance after this line."),
  }),
  Statement: object({
    lines: { type: "array", items: ref("StatementLine") },
    next: { ...maybe(msat("The `after` of the next page; null at the end.")) },
  }),
  NewWithdrawal: object(
    { bolt11: text("Your own BOLT11 invoice, with an amount."), maxFeeMsat: msat("The highest routing fee.") },
    ["maxFeeMsat"],
  ),
  NewRefund: object(
    {
      paymentHash: hash("The payment hash of the payment to refund."),
      preimage: hash(
        "The preimage that your buyer received. It proves that the person who asks for the refund has paid.",
      ),
      bolt11: text("A BOLT11 invoice of your buyer, for at most the paid amount."),
      maxFeeMsat: msat("The highest routing fee that you pay."),
    },
    ["maxFeeMsat"],
  ),
  Payout: object({
    id: text("The id of the payout."),
    kind: oneOf(
      "`address`: to your address. `withdrawal`: to your invoice, or a refund. `operator`: fees of the operator.",
      "address",
      "withdrawal",
      "operator",
    ),
    destination: text("The Lightning Address, or `invoice`."),
    status: oneOf(
      "`reserved`: not sent yet. `sending`: the outcome is not known yet.",
      "reserved",
      "sending",
      "paid",
      "failed",
    ),
    amountMsat: msat("The amount that the payee receives."),
    maxFeeMsat: msat("The highest routing fee. The unused part returns to your balance."),
    feeMsat: maybe(msat("The routing fee.")),
    paymentHash: maybe(hash("The payment hash of the invoice.")),
    preimage: maybe(hash("The preimage: the proof of payment. Null also if the operator confirmed without one.")),
    reason: maybe(text("Why the payout failed, why it waits, or that the operator confirmed it.")),
    refundOf: maybe(hash("The payment hash of the payment that this payout refunds.")),
    createdAt: instant("When the money was reserved."),
    endedAt: maybe(instant("When the payout was paid or failed.")),
  }),
  Payouts: list("payouts", "Payout"),
  BalanceRoot: object(balanceRoot),
  BalanceProof: object({
    ...balanceRoot,
    leaf: {
      oneOf: [
        object({
          merchantId: merchant.merchantId,
          balanceMsat: msat("The available and the reserved balance."),
          cursor: msat("The cursor of the last statement line that the balance includes."),
          nonce: hash("A random value, so that others cannot guess the leaf."),
        }),
        { type: "null" },
      ],
    },
    path: {
      type: "array",
      items: object({
        side: oneOf("The side of the neighbour node.", "left", "right"),
        hash: hash("The hash of the neighbour node."),
        sumMsat: msat("The total amount owed below the neighbour node."),
      }),
    },
  }),
  Notice: object({
    id: msat("The id of the notice."),
    kind: text("The kind of notice, for programs."),
    text: text("The text, for people."),
    at: instant("When the notice was written."),
  }),
  Notices: list("notices", "Notice"),
};
