import { NETWORKS, type Network } from "@l402/core";
import { type Environment, invalid, listed, setting } from "./environment.ts";

/** Reads `L402_NETWORK`. Default: real bitcoin. */
export function networkFrom(env: Environment): Network {
  const given = setting(env, "L402_NETWORK") ?? "bitcoin";
  const network = NETWORKS.find((name) => name === given);
  if (!network)
    throw invalid("L402_NETWORK is not set to a known network.", `Set L402_NETWORK to ${listed(NETWORKS)}.`);
  return network;
}
