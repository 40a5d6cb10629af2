import { type FundsMoved, isL402Error, L402Error, type L402ErrorCode } from "@l402/core";
import type { NwcCall } from "./ask-once.ts";

/** A wallet's code, if it can be shown: the other texts of an answer may hold a secret. */
export const walletCode = (code: unknown): string =>
  typeof code === "string" && /^[A-Z][A-Z_]{1,39}$/.test(code) ? code : "OTHER";

/**
 * The code with which the wallet refused; `undefined` if it did not answer. Of a client that is not the SDK's, only the
 * class name tells a wallet's error from the client's own, because they share codes.
 */
export function codeOfWallet(error: unknown, { refused }: NwcCall): string | undefined {
  if (refused !== undefined) return refused;
  const isWallets = error instanceof Error && error.constructor.name === "Nip47WalletError";
  return isWallets ? walletCode((error as { code?: unknown }).code) : undefined;
}

/** Turns every other failure of the SDK into an `L402Error`. */
export function failureOf(error: unknown, call: NwcCall, fundsMoved: FundsMoved): L402Error {
  if (isL402Error(error)) return error;
  const [code, text] = kindOf(error, call);
  return new L402Error(code, text, { fundsMoved, ...(code === "PROVIDER_UNREACHABLE" && { hint: HINT }) });
}

function kindOf(error: unknown, { isSent, isUnreadable }: NwcCall): Failure {
  const { code } = Object(error) as { code?: unknown };
  if (isUnreadable) return UNREADABLE;
  if (code === "UNSUPPORTED_ENCRYPTION") return NO_ENCRYPTION;
  if (isSent) return LOST;
  // The SDK's code if it reaches no relay. Without the wallet's information there, its error has none.
  return code === "OTHER" ? NO_RELAY : NO_WALLET;
}

type Failure = readonly [L402ErrorCode, string];

const HINT = "Check the connection secret in url, and that its relay and the wallet are online.";
const NO_WALLET: Failure = [
  "PROVIDER_UNREACHABLE",
  "The relay in the connection secret has no information about the wallet.",
];
const NO_RELAY: Failure = ["PROVIDER_UNREACHABLE", "None of the relays in the connection secret can be reached."];
const LOST: Failure = ["PROVIDER_UNREACHABLE", "The request to the wallet, or its answer, was lost."];
const UNREADABLE: Failure = [
  "PROVIDER_BAD_RESPONSE",
  "The answer from the wallet cannot be decrypted, or is not valid.",
];
const NO_ENCRYPTION: Failure = [
  "PROVIDER_REJECTED",
  "The wallet supports none of the known encryption methods of Nostr Wallet Connect.",
];

/** Turns the wallet's refusal into an error. The wallet has moved no money. */
export function refusalError(refused: string, permission: string): L402Error {
  const { [refused]: code = "PROVIDER_REJECTED" } = CODES;
  const isForbidden = code === "PROVIDER_UNAUTHORIZED" || refused === "NOT_IMPLEMENTED";
  return new L402Error(code, `The wallet refused the request ${permission} with the code ${refused}.`, {
    ...(isForbidden && {
      hint: `In the wallet, check that the app connection has the permission ${permission} and has not expired.`,
    }),
  });
}

const CODES: Record<string, L402ErrorCode | undefined> = {
  RATE_LIMITED: "PROVIDER_RATE_LIMITED",
  UNAUTHORIZED: "PROVIDER_UNAUTHORIZED",
  RESTRICTED: "PROVIDER_UNAUTHORIZED",
  EXPIRED: "PROVIDER_UNAUTHORIZED",
  INTERNAL: "PROVIDER_BAD_RESPONSE",
  OTHER: "PROVIDER_BAD_RESPONSE",
};
