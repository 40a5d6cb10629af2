import type { Clock, Invoice, LightningProvider, LightningWallet } from "@l402/core";
import type { Chain } from "./chain.ts";
import { createIncomingPayments } from "./incoming-payments.ts";
import type { LdkNode } from "./ldk-node.ts";
import { hexOf } from "./ldk-values.ts";
import type { Ldk } from "./load-ldk.ts";
import type { MessagePump } from "./message-pump.ts";
import { balanceOf, type NodeBalance } from "./node-balance.ts";
import type { NodeEvent } from "./node-event.ts";
import type { PaymentHold } from "./payment-hold.ts";
import { createPaymentLedger } from "./payment-ledger.ts";
import { createRegtestProvider, type HashedInvoiceInput } from "./regtest-provider.ts";
import { createRegtestWallet } from "./regtest-wallet.ts";

/** A Lightning node of a regtest. Every node can pay and be paid. */
export interface RegtestNode {
  readonly name: string;
  /** The public key, 66 lower-case hex characters. */
  readonly nodeId: string;
  readonly provider: LightningProvider;
  readonly wallet: LightningWallet;
  readonly isOnline: boolean;
  balance(): NodeBalance;
  /** Creates an invoice with the hash of a description, as Lightning Addresses require. The provider can look it up. */
  createHashedInvoice(input: HashedInvoiceInput): Promise<Invoice>;
  /** Cuts the node off from its peers. It still answers its owner, and payments under way stay under way. */
  goOffline(): void;
  /** Connects the node again. Resolves when its channels work. */
  goOnline(): Promise<void>;
  /** Holds every payment that arrives from now on, until the hold is claimed or failed back. */
  hold(): PaymentHold;
  /** Cancels an invoice, and sends back a payment that is held for it. */
  cancelInvoice(paymentHash: string): void;
}

/** A node, with the functions that its regtest needs. */
export interface ManagedNode {
  readonly node: RegtestNode;
  onEvent(event: NodeEvent): void;
  close(): void;
}

interface ManagedNodeParts {
  ldk: Ldk;
  node: LdkNode;
  chain: Chain;
  pump: MessagePump;
  clock: Clock;
  isClosed(): boolean;
  /** Connects every two peers that are both online, and disconnects all others. */
  connectPeers(): void;
}

/** Adds a wallet and a provider to a node. */
export function createManagedNode(parts: ManagedNodeParts): ManagedNode {
  const { node, pump, clock, connectPeers } = parts;
  const incoming = createIncomingPayments(node, pump, clock);
  const ledger = createPaymentLedger();
  const { createHashedInvoice, ...provider } = createRegtestProvider({ ...parts, incoming });
  let isOnline = true;

  return {
    node: {
      name: node.name,
      nodeId: hexOf(node.id),
      provider,
      createHashedInvoice,
      wallet: createRegtestWallet({ ...parts, ledger }),
      get isOnline() {
        return isOnline;
      },
      balance: () => balanceOf(node),
      goOffline() {
        isOnline = false;
        connectPeers();
      },
      async goOnline() {
        isOnline = true;
        connectPeers();
        await pump.idle();
      },
      hold: incoming.hold,
      cancelInvoice: incoming.cancel,
    },
    onEvent(event) {
      incoming.onEvent(event);
      if (event.type === "payment-sent") {
        ledger.finish(event.paymentHash, { status: "paid", preimage: event.preimage, feeMsat: event.feeMsat });
      }
      if (event.type === "payment-failed") {
        ledger.finish(event.paymentHash, { status: "failed", reason: event.reason });
      }
    },
    close() {
      incoming.close();
      ledger.close();
    },
  };
}
