import { type CreateInvoiceInput, type Invoice, L402Error, type LightningProvider } from "@l402/core";
import type { Bolt11Invoice } from "lightningdevkit";
import type { Chain } from "./chain.ts";
import type { IncomingPayments } from "./incoming-payments.ts";
import type { LdkNode } from "./ldk-node.ts";
import { bytesOf, hexOf, unwrap } from "./ldk-values.ts";
import type { Ldk } from "./load-ldk.ts";

interface RegtestProviderParts {
  ldk: Ldk;
  node: LdkNode;
  chain: Chain;
  incoming: IncomingPayments;
  isClosed(): boolean;
}

const MAX_DESCRIPTION_BYTES = 639;
const MAX_EXPIRY_SECONDS = 2 ** 32 - 1;
const TWENTY_ONE_MILLION_COINS_MSAT = 2_100_000_000_000_000_000n;

/**
 * An order for an invoice with the hash of a description that the payer gets elsewhere, as with Lightning Addresses.
 */
export interface HashedInvoiceInput extends Omit<CreateInvoiceInput, "description"> {
  /** SHA-256 of the description, 64 lower-case hex characters. */
  descriptionHash: string;
}

interface RegtestProvider extends LightningProvider {
  createHashedInvoice(input: HashedInvoiceInput): Promise<Invoice>;
}

/** Creates the seller's side of a node. */
export function createRegtestProvider({ ldk, node, chain, incoming, isClosed }: RegtestProviderParts): RegtestProvider {
  function checkAlive(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw new L402Error("PROVIDER_TIMEOUT", "The caller gave up before the node was asked.");
    if (isClosed()) throw new L402Error("PROVIDER_UNREACHABLE", "The regtest was closed.");
  }

  function create(input: CreateInvoiceInput | HashedInvoiceInput): Invoice {
    checkAlive(input.signal);
    checkInput(input);
    const { amountMsat, expiresInSeconds } = input;
    chain.keepTime();
    const amount = ldk.Option_u64Z.constructor_some(BigInt(amountMsat));
    const none = ldk.Option_u16Z.constructor_none();
    const { UtilMethods: make } = ldk;
    const created =
      "descriptionHash" in input
        ? make.constructor_create_invoice_from_channelmanager_with_description_hash(
            node.channels,
            amount,
            ldk.Sha256.constructor_from_bytes(bytesOf(input.descriptionHash)),
            expiresInSeconds,
            none,
          )
        : make.constructor_create_invoice_from_channelmanager(
            node.channels,
            amount,
            input.description,
            expiresInSeconds,
            none,
          );
    const bolt11 = unwrap<Bolt11Invoice>(created, "creating an invoice");
    const expiresAt = new Date(Number(bolt11.duration_since_epoch() + bolt11.expiry_time()) * 1000);
    const invoice: Invoice = {
      bolt11: bolt11.to_str(),
      paymentHash: hexOf(bolt11.payment_hash()),
      amountMsat,
      expiresAt,
    };
    incoming.book(invoice);
    return invoice;
  }

  return {
    name: "regtest",
    preimageProvesPayment: true,
    createInvoice: async (input) => create(input),
    createHashedInvoice: async (input) => create(input),
    async lookupInvoice({ paymentHash }, options) {
      checkAlive(options?.signal);
      const state = incoming.stateOf(paymentHash);
      if (!state) throw rejected("no invoice has that payment hash");
      return state;
    },
  };
}

function checkInput(input: CreateInvoiceInput | HashedInvoiceInput): void {
  const { amountMsat, expiresInSeconds } = input;
  if (!isPositive(amountMsat) || BigInt(amountMsat) > TWENTY_ONE_MILLION_COINS_MSAT)
    throw rejected("the amount is not a whole number of millisatoshis from 1");
  if (!isPositive(expiresInSeconds) || expiresInSeconds > MAX_EXPIRY_SECONDS)
    throw rejected(`the expiry is not a whole number of seconds from 1 to ${MAX_EXPIRY_SECONDS}`);
  if ("descriptionHash" in input) {
    if (!/^[0-9a-f]{64}$/.test(input.descriptionHash))
      throw rejected("the descriptionHash is not 64 lower-case hex characters");
    return;
  }
  const { description } = input;
  if (typeof description !== "string" || Buffer.byteLength(description) > MAX_DESCRIPTION_BYTES)
    throw rejected(`the description is not a text of at most ${MAX_DESCRIPTION_BYTES} bytes`);
}

const isPositive = (value: number) => Number.isSafeInteger(value) && value > 0;

const rejected = (reason: string) => new L402Error("PROVIDER_REJECTED", `The regtest node refused: ${reason}.`);
