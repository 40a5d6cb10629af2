import { type CreateInvoiceInput, type Invoice, L402Error, type LightningProvider } from "@l402/core";
import type { Bolt11Invoice } from "lightningdevkit";
import type { Chain } from "./chain.ts";
import type { IncomingPayments } from "./incoming-payments.ts";
import type { LdkNode } from "./ldk-node.ts";
import { hexOf, unwrap } from "./ldk-values.ts";
import type { Ldk } from "./load-ldk.ts";

export interface RegtestProviderParts {
  ldk: Ldk;
  node: LdkNode;
  chain: Chain;
  incoming: IncomingPayments;
  isClosed(): boolean;
}

const MAX_DESCRIPTION_BYTES = 639;
const MAX_EXPIRY_SECONDS = 2 ** 32 - 1;
const TWENTY_ONE_MILLION_COINS_MSAT = 2_100_000_000_000_000_000n;

/** The seller's side of a node. */
export function createRegtestProvider({
  ldk,
  node,
  chain,
  incoming,
  isClosed,
}: RegtestProviderParts): LightningProvider {
  function checkAlive(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw new L402Error("PROVIDER_TIMEOUT", "The caller gave up before the node was asked.");
    if (isClosed()) throw new L402Error("PROVIDER_UNREACHABLE", "The regtest was closed.");
  }

  return {
    name: "regtest",
    preimageProvesPayment: true,
    async createInvoice(input) {
      checkAlive(input.signal);
      checkInput(input);
      const { amountMsat, description, expiresInSeconds } = input;
      chain.keepTime();
      const created = ldk.UtilMethods.constructor_create_invoice_from_channelmanager(
        node.channels,
        ldk.Option_u64Z.constructor_some(BigInt(amountMsat)),
        description,
        expiresInSeconds,
        ldk.Option_u16Z.constructor_none(),
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
    },
    async lookupInvoice({ paymentHash }, options) {
      checkAlive(options?.signal);
      const state = incoming.stateOf(paymentHash);
      if (!state) throw rejected("no invoice has that payment hash");
      return state;
    },
  };
}

function checkInput({ amountMsat, description, expiresInSeconds }: CreateInvoiceInput): void {
  if (!isPositive(amountMsat) || BigInt(amountMsat) > TWENTY_ONE_MILLION_COINS_MSAT)
    throw rejected("the amount is not a whole number of millisatoshis from 1");
  if (!isPositive(expiresInSeconds) || expiresInSeconds > MAX_EXPIRY_SECONDS)
    throw rejected(`the expiry is not a whole number of seconds from 1 to ${MAX_EXPIRY_SECONDS}`);
  if (typeof description !== "string" || Buffer.byteLength(description) > MAX_DESCRIPTION_BYTES)
    throw rejected(`the description is not a text of at most ${MAX_DESCRIPTION_BYTES} bytes`);
}

const isPositive = (value: number) => Number.isSafeInteger(value) && value > 0;

const rejected = (reason: string) => new L402Error("PROVIDER_REJECTED", `The regtest node refused: ${reason}.`);
