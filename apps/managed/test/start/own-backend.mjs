// A backend of one's own, as L402_PROVIDER and L402_WALLET take it: a node in memory.
import { fakeLightning } from "@l402/testing";

export const { provider, wallet } = fakeLightning({ network: "signet" });
