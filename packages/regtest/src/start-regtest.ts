import { createChain } from "./chain.ts";
import { createChannelOpening } from "./channel-opening.ts";
import { createLdkNode, type LdkNode } from "./ldk-node.ts";
import { loadLdk } from "./load-ldk.ts";
import { createMessagePump } from "./message-pump.ts";
import { createPeerLink, type PeerLink } from "./peer-link.ts";
import { createManagedNode, type ManagedNode, type RegtestNode } from "./regtest-node.ts";
import { checkRegtestOptions, type RegtestOptions } from "./regtest-options.ts";

/** Lightning nodes that run in this process, on their own blockchain. */
export interface Regtest<Name extends string = string> {
  readonly nodes: Readonly<Record<Name, RegtestNode>>;
  /** Resolves when no message is under way. Until new calls, all balances are then final. */
  idle(): Promise<void>;
  /** Stops all nodes for good. Payments that are under way stay unknown. */
  close(): void;
}

const TICK_MS = 10_000;

/** Starts Lightning nodes in a line, each with a funded channel to the next. */
export async function startRegtest<const Name extends string = "buyer" | "seller">(
  options: RegtestOptions<Name> = {},
): Promise<Regtest<Name>> {
  const settings = checkRegtestOptions(options);
  const { clock, channelSats } = settings;

  const ldk = await loadLdk();
  const nodes = settings.nodes.map((name) => createLdkNode(ldk, { ...settings, name }));
  const links = nodes.slice(1).map((callee, i) => createPeerLink(ldk, nodes[i] as LdkNode, callee));
  const genesis = ldk.BestBlock.constructor_from_network(ldk.Network.LDKNetwork_Regtest).get_block_hash();
  const chain = createChain(genesis, clock, (block) => {
    for (const node of nodes) node.connectBlock(block);
  });

  const managed = new Map<LdkNode, ManagedNode>();
  const pump = createMessagePump({
    nodes,
    links,
    onEvent(node, event) {
      opening.onEvent(node, event);
      managed.get(node)?.onEvent(event);
    },
  });
  const opening = createChannelOpening({ chain, links, pump, channelSats });
  await opening.open();

  let isClosed = false;
  const isOnline = (node: LdkNode) => managed.get(node)?.node.isOnline ?? false;
  function connectPeers(): void {
    for (const link of links) {
      if (!isClosed && link.ends.every(isOnline)) link.up();
      else link.down();
    }
    pump.wake();
  }
  for (const node of nodes) {
    const parts = { ldk, node, chain, pump, clock, isClosed: () => isClosed, connectPeers };
    managed.set(node, createManagedNode(parts));
  }
  const ticking = setInterval(() => tick(nodes, links, pump.wake), TICK_MS).unref();

  return {
    nodes: Object.fromEntries(Array.from(managed.values(), ({ node }) => [node.name, node])) as Regtest<Name>["nodes"],
    idle: pump.idle,
    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(ticking);
      pump.stop();
      connectPeers();
      for (const node of managed.values()) node.close();
    },
  };
}

/** Lets LDK forget payments that ended long ago. */
function tick(nodes: readonly LdkNode[], links: readonly PeerLink[], wake: () => void): void {
  // If a peer is away for some ticks, LDK tells the network to avoid the channel, even after the peer is back.
  if (links.some(({ isUp }) => !isUp)) return;
  for (const node of nodes) node.channels.timer_tick_occurred();
  wake();
}
