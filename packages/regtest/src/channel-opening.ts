import type { Chain } from "./chain.ts";
import { fundingTransaction } from "./funding-transaction.ts";
import type { LdkNode } from "./ldk-node.ts";
import { unwrap } from "./ldk-values.ts";
import type { MessagePump } from "./message-pump.ts";
import type { NodeEvent } from "./node-event.ts";
import type { PeerLink } from "./peer-link.ts";

/** Opens one channel per link. The left node of the link pays for it. */
interface ChannelOpening {
  /** Call this with every event until `open` has resolved. */
  onEvent(node: LdkNode, event: NodeEvent): void;
  open(): Promise<void>;
}

interface ChannelOpeningOptions {
  chain: Chain;
  links: readonly PeerLink[];
  pump: MessagePump;
  channelSats: number;
}

/** A channel is announced when it is six blocks deep. One block later, LDK relies on it and leaves route hints out. */
const ANNOUNCED_DEPTH = 7;

/** Prepares the opening of channels that are announced to all nodes. */
export function createChannelOpening({ chain, links, pump, channelSats }: ChannelOpeningOptions): ChannelOpening {
  const transactions: Uint8Array[] = [];

  async function settle(): Promise<void> {
    pump.wake();
    await pump.idle();
  }

  return {
    onEvent(node, event) {
      if (event.type !== "channel-wants-funding") return;
      const { temporaryId, peer, amountSats, script } = event;
      const transaction = fundingTransaction(amountSats, script, transactions.length);
      unwrap(node.channels.funding_transaction_generated(temporaryId, peer, transaction), "funding a channel");
      transactions.push(transaction);
    },
    async open() {
      for (const link of links) link.up();
      await settle();
      for (const { ends } of links) {
        const [from, to] = ends;
        const opened = from.channels.create_channel(to.id, BigInt(channelSats), 0n, 0n, null, null);
        unwrap(opened, "opening a channel");
      }
      await settle();
      chain.mine(transactions);
      await settle();
      for (let depth = 1; depth < ANNOUNCED_DEPTH; depth++) chain.mine();
      await settle();
      checkRoutes(links);
    },
  };
}

/**
 * Checks that every node knows every channel in both directions. Otherwise payments would fail for no visible reason.
 */
function checkRoutes(links: readonly PeerLink[]): void {
  for (const { graph } of links.flatMap(({ ends }) => ends)) {
    const known = graph.read_only();
    const channels = known.list_channels().map((id) => known.channel(id));
    known.free();
    const routable = channels.filter((channel) => channel.get_one_to_two() && channel.get_two_to_one());
    if (routable.length < links.length) throw new Error("A channel between two regtest nodes did not become usable.");
  }
}
