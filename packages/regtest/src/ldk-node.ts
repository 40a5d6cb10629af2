import { randomBytes } from "node:crypto";
import type { Clock } from "@l402/core";
import type {
  ChainMonitor,
  ChannelManager,
  EntropySource,
  Logger,
  NetworkGraph,
  PeerManager,
  Router,
} from "lightningdevkit";
import type { Block } from "./chain.ts";
import { createForgetfulStore } from "./forgetful-store.ts";
import type { Ldk } from "./load-ldk.ts";
import { nodeConfig, type RoutingFee } from "./node-config.ts";
import { type NodeEvent, nodeEventOf } from "./node-event.ts";
import { createNodeLogger, type Log } from "./node-logger.ts";

/** A Lightning node made of LDK's parts, without peers and channels yet. */
export interface LdkNode {
  readonly name: string;
  /** The public key of the node. */
  readonly id: Uint8Array;
  readonly channels: ChannelManager;
  readonly peers: PeerManager;
  readonly graph: NetworkGraph;
  /** Returns the events since the last call. */
  takeEvents(): NodeEvent[];
  connectBlock(block: Block): void;
}

interface LdkNodeOptions {
  name: string;
  clock: Clock;
  routingFee: RoutingFee;
  log?: Log | undefined;
}

const FEE_SATS_PER_KILOWEIGHT = 253;
const NEVER_ALL_AT_ONCE = 2n ** 63n;

/** Starts a node with its own key. It keeps all its data in memory. */
export function createLdkNode(ldk: Ldk, { name, clock, routingFee, log }: LdkNodeOptions): LdkNode {
  const now = Math.floor(clock().getTime() / 1000);
  const network = ldk.Network.LDKNetwork_Regtest;
  const logger = createNodeLogger(ldk, name, log);
  const keys = ldk.KeysManager.constructor_new(Uint8Array.from(randomBytes(32)), BigInt(now), 0);
  const entropy = keys.as_EntropySource();
  const fees = ldk.FeeEstimator.new_impl({ get_est_sat_per_1000_weight: () => FEE_SATS_PER_KILOWEIGHT });
  // Broadcasting is not needed: the funding of a channel is mined by hand, and no channel is ever closed.
  const broadcaster = ldk.BroadcasterInterface.new_impl({ broadcast_transactions() {} });
  const noFilter = ldk.Option_FilterZ.constructor_none();
  // Do not use `Persist.new_impl`: for a JavaScript callback, LDK copies the whole history of a channel at every
  // change.
  const persister = ldk.MonitorUpdatingPersister.constructor_new(
    createForgetfulStore(ldk),
    logger,
    NEVER_ALL_AT_ONCE,
    entropy,
    keys.as_SignerProvider(),
    broadcaster,
    fees,
  );
  const monitor = ldk.ChainMonitor.constructor_new(noFilter, broadcaster, logger, fees, persister.as_Persist());
  const graph = ldk.NetworkGraph.constructor_new(network, logger);
  const channels = ldk.ChannelManager.constructor_new(
    fees,
    monitor.as_Watch(),
    broadcaster,
    createRouter(ldk, graph, entropy, logger),
    ldk.DefaultMessageRouter.constructor_new(graph, entropy).as_MessageRouter(),
    logger,
    entropy,
    keys.as_NodeSigner(),
    keys.as_SignerProvider(),
    nodeConfig(ldk, routingFee),
    ldk.ChainParameters.constructor_new(network, ldk.BestBlock.constructor_from_network(network)),
    now,
  );
  const gossip = ldk.P2PGossipSync.constructor_new(graph, ldk.Option_UtxoLookupZ.constructor_none(), logger);
  const ignore = ldk.IgnoringMessageHandler.constructor_new();
  const peers = ldk.PeerManager.constructor_new(
    channels.as_ChannelMessageHandler(),
    gossip.as_RoutingMessageHandler(),
    ignore.as_OnionMessageHandler(),
    ignore.as_CustomMessageHandler(),
    now,
    entropy.get_secure_random_bytes(),
    logger,
    keys.as_NodeSigner(),
  );
  return {
    name,
    id: channels.get_our_node_id(),
    channels,
    peers,
    graph,
    takeEvents: createEventInbox(ldk, channels),
    connectBlock: (block) => connectBlock(ldk, channels, monitor, block),
  };
}

function createRouter(ldk: Ldk, graph: NetworkGraph, entropy: EntropySource, logger: Logger): Router {
  const decay = ldk.ProbabilisticScoringDecayParameters.constructor_default();
  const scorer = ldk.ProbabilisticScorer.constructor_new(decay, graph, logger).as_Score();
  const score = ldk.MultiThreadedLockableScore.constructor_new(scorer).as_LockableScore();
  const fees = ldk.ProbabilisticScoringFeeParameters.constructor_default();
  return ldk.DefaultRouter.constructor_new(graph, logger, entropy, score, fees).as_Router();
}

function createEventInbox(ldk: Ldk, channels: ChannelManager): () => NodeEvent[] {
  let inbox: NodeEvent[] = [];
  const handler = ldk.EventHandler.new_impl({
    handle_event(event) {
      const told = nodeEventOf(ldk, event);
      if (told) inbox.push(told);
      return ldk.Result_NoneReplayEventZ.constructor_ok();
    },
  });
  return () => {
    // Do not keep the events provider: it keeps another reference to its handler at every call.
    channels.as_EventsProvider().process_pending_events(handler);
    const events = inbox;
    inbox = [];
    return events;
  };
}

function connectBlock(ldk: Ldk, channels: ChannelManager, monitor: ChainMonitor, block: Block): void {
  const { header, height, transactions } = block;
  for (const confirm of [channels.as_Confirm(), monitor.as_Confirm()]) {
    if (transactions.length > 0) {
      // Position 0 is the coinbase.
      const positioned = transactions.map((transaction, i) =>
        ldk.TwoTuple_usizeTransactionZ.constructor_new(i + 1, transaction),
      );
      confirm.transactions_confirmed(header, positioned, height);
    }
    confirm.best_block_updated(header, height);
  }
}
