import { L402Error } from "../../errors.ts";
import type { TokenClaims } from "../../interfaces/token-format.ts";
import {
  isServiceName,
  isUses,
  readExpiry,
  readInteger,
  readResource,
  readUses,
  unixSecondsOf,
  valueAfter,
} from "./macaroon-caveat-values.ts";

/** The claims that a macaroon carries in caveats. The others are in its identifier. */
export type MintedClaims = Pick<
  TokenClaims,
  "resource" | "amountMsat" | "uses" | "expiresAt" | "providerRef" | "computed"
>;

/** The number of caveats that we mint: always all of them, in one order. */
export const MINTED_CAVEATS = 8;

/**
 * Writes the caveats of a new token: three as Aperture writes them, for other programs to read, and five of ours.
 * Throws INTERNAL for claims that a macaroon cannot carry.
 *
 * SECURITY: a resource never becomes part of `services=`, where a colon or comma in a path would sell more than was
 * paid for (test: macaroon-minting.test.ts, "keeps a resource out of the services").
 */
export function renderMintedCaveats(service: string, claims: MintedClaims): string[] {
  const { resource, amountMsat, uses, expiresAt, providerRef = "", computed } = claims;
  const seconds = unixSecondsOf(expiresAt);
  if (seconds === undefined) throw unmintable("expiresAt");
  if (readResource(resource) === undefined) throw unmintable("resource");
  if (!Number.isSafeInteger(amountMsat) || amountMsat < 0) throw unmintable("amountMsat");
  if (uses !== "unlimited" && !isUses(uses)) throw unmintable("uses");
  if (!isProviderRef(providerRef)) throw unmintable("providerRef");
  return [
    `services=${service}:0`,
    `${service}_capabilities=`,
    `${service}_valid_until=${seconds}`,
    `l402_resource=${resource}`,
    `l402_amount_msat=${amountMsat}`,
    `l402_uses=${uses}`,
    // These two are written even when they are empty: otherwise a holder could add them.
    `l402_provider_ref=${providerRef}`,
    `l402_computed=${computed ? "true" : ""}`,
  ];
}

/**
 * Reads the caveats that `renderMintedCaveats` wrote, and ignores those after them; `undefined` for any other caveats.
 */
export function readMintedCaveats(service: string, caveats: readonly string[]): MintedClaims | undefined {
  if (caveats[0] !== `services=${service}:0` || caveats[1] !== `${service}_capabilities=`) return undefined;
  const expiresAt = readExpiry(valueAfter(caveats[2], `${service}_valid_until`));
  const resource = readResource(valueAfter(caveats[3], "l402_resource"));
  const amountMsat = readInteger(valueAfter(caveats[4], "l402_amount_msat"));
  const usesText = valueAfter(caveats[5], "l402_uses");
  const uses = usesText === "unlimited" ? usesText : readUses(usesText);
  const providerRef = valueAfter(caveats[6], "l402_provider_ref");
  if (!expiresAt || resource === undefined || amountMsat === undefined || uses === undefined) return undefined;
  const computed = valueAfter(caveats[7], "l402_computed");
  if (!isProviderRef(providerRef) || (computed !== "" && computed !== "true")) return undefined;
  return {
    resource,
    amountMsat,
    uses,
    expiresAt,
    ...(providerRef && { providerRef }),
    ...(computed && { computed: true }),
  };
}

/** Returns the service that a token was minted for; `undefined` unless the token looks like one of ours. */
export function serviceOf(caveats: readonly string[]): string | undefined {
  const service = valueAfter(caveats[0], "services")?.replace(/:0$/, "");
  return isServiceName(service) && readMintedCaveats(service, caveats) ? service : undefined;
}

const isProviderRef = (text: string | undefined): text is string => text !== undefined && /^[!-~]{0,128}$/.test(text);

const unmintable = (claim: string) => new L402Error("INTERNAL", `A macaroon cannot carry this ${claim}.`);
