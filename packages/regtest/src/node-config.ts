import type { UserConfig } from "lightningdevkit";
import type { Ldk } from "./load-ldk.ts";

/** The fee of a node for forwarding a payment. */
export interface RoutingFee {
  baseMsat: number;
  proportionalMillionths: number;
}

const TWENTY_ONE_MILLION_COINS_SATS = 2_100_000_000_000_000n;

/** Configures channels that confirm at once and carry as much as the protocol allows. */
export function nodeConfig(ldk: Ldk, routingFee: RoutingFee): UserConfig {
  const config = ldk.UserConfig.constructor_default();

  const handshake = config.get_channel_handshake_config();
  handshake.set_minimum_depth(1);
  handshake.set_announce_for_forwarding(true);
  handshake.set_our_max_accepted_htlcs(483);
  handshake.set_max_inbound_htlc_value_in_flight_percent_of_channel(100);
  config.get_channel_handshake_limits().set_max_funding_satoshis(TWENTY_ONE_MILLION_COINS_SATS);

  const channel = config.get_channel_config();
  channel.set_forwarding_fee_base_msat(routingFee.baseMsat);
  channel.set_forwarding_fee_proportional_millionths(routingFee.proportionalMillionths);
  // By default, only about 2500 sats of tiny payments can be under way. That is fewer than 64 such payments.
  const noLimit = TWENTY_ONE_MILLION_COINS_SATS * 1000n;
  channel.set_max_dust_htlc_exposure(ldk.MaxDustHTLCExposure.constructor_fixed_limit_msat(noLimit));
  return config;
}
