import type { ChannelDetails } from "lightningdevkit";
import type { LdkNode } from "./ldk-node.ts";
import { someOf } from "./ldk-values.ts";

/** The money in the channels of a node, exact to the millisatoshi. */
export interface NodeBalance {
  /** The money that belongs to the node, without payments under way. */
  ownedMsat: number;
  /** The largest payment that the node can send now; 0 while it is offline. */
  outboundMsat: number;
  /**
   * The largest payment that a peer could send to the node now; 0 while it is offline. A peer that opened the channel
   * keeps a little for fees.
   */
  inboundMsat: number;
}

/** Adds up the channels of a node. */
export function balanceOf({ channels }: LdkNode): NodeBalance {
  const all = channels.list_channels();
  const usable = all.filter((channel) => channel.get_is_usable());
  return {
    ownedMsat: Number(all.reduce((sum, channel) => sum + ownedMsat(channel), 0n)),
    outboundMsat: largest(usable.map((channel) => channel.get_next_outbound_htlc_limit_msat())),
    inboundMsat: largest(usable.map((channel) => channel.get_inbound_capacity_msat())),
  };
}

/**
 * Returns the node's money in a channel. LDK reports only what can move, without the reserve that each side keeps. A
 * side below its reserve shows as 0.
 */
function ownedMsat(channel: ChannelDetails): bigint {
  const outbound = channel.get_outbound_capacity_msat();
  const reserveSats = someOf<bigint>(channel.get_unspendable_punishment_reserve()) ?? 0n;
  if (outbound > 0n) return outbound + reserveSats * 1000n;

  const theirReserveSats = channel.get_counterparty().get_unspendable_punishment_reserve();
  const theirs = channel.get_inbound_capacity_msat() + theirReserveSats * 1000n;
  return channel.get_channel_value_satoshis() * 1000n - theirs;
}

const largest = (amounts: readonly bigint[]) => Math.max(0, ...amounts.map(Number));
