import { type FundsMoved, isL402Error, L402Error, type L402ErrorCode } from "@l402/core";

/** The class name of an error. Only this tells the SDK's own errors from a wallet's, because they share codes. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.constructor.name : "");

/** The code with which the wallet refused; `undefined` if it did not answer. The error's text may hold a secret. */
export function codeOfWallet(error: unknown): string | undefined {
  if (nameOf(error) !== "Nip47WalletError") return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[A-Z][A-Z_]{1,39}$/.test(code) ? code : "OTHER";
}

/** Turns every other failure of the SDK into an `L402Error`. */
export function failureOf(error: unknown, fundsMoved: FundsMoved): L402Error {
  if (isL402Error(error)) return error;
  const name = nameOf(error);
  const [code, text] = FAILURES.find(([names]) => names.test(name))?.[1] ?? NO_WALLET;
  return new L402Error(code, text, { fundsMoved, ...(code === "PROVIDER_UNREACHABLE" && { hint: HINT }) });
}

type Failure = readonly [L402ErrorCode, string];

const HINT = "Check the connection secret in url, and that its relay and the wallet are online.";
const NO_WALLET: Failure = [
  "PROVIDER_UNREACHABLE",
  "The relay in the connection secret has no information about the wallet.",
];
const FAILURES: readonly [RegExp, Failure][] = [
  [/^Nip47NetworkError$/, ["PROVIDER_UNREACHABLE", "None of the relays in the connection secret can be reached."]],
  [/^Nip47PublishError$/, ["PROVIDER_UNREACHABLE", "The relay refused the request to the wallet."]],
  [/Timeout/, ["PROVIDER_TIMEOUT", "The wallet did not answer in time over Nostr Wallet Connect."]],
  [/^Nip47Response/, ["PROVIDER_BAD_RESPONSE", "The answer from the wallet cannot be decrypted, or is not valid."]],
  [
    /^Nip47UnsupportedEncryption/,
    ["PROVIDER_REJECTED", "The wallet supports none of the known encryption methods of Nostr Wallet Connect."],
  ],
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
