import type { Secret, TokenFormat } from "@l402/core";
import { type KitCase, type KitSubject, registerKit, type TestRunner } from "./kit.ts";
import { type BoundFormat, bindKeys } from "./token-format/bound-format.ts";
import { tokenClaimCases } from "./token-format/claim-cases.ts";
import { tokenForgeryCases } from "./token-format/forgery-cases.ts";
import { tokenJunkCases } from "./token-format/junk-cases.ts";
import { tokenTextCases } from "./token-format/text-cases.ts";

/** A token format to test. */
export interface TokenFormatSubject extends KitSubject {
  format: TokenFormat;
}

/** A token format for the cases, which choose its secret. */
export interface BoundFormatSubject extends KitSubject {
  create(secret: Secret): BoundFormat;
}

/** All requirements of the kit for a token format. */
export const tokenFormatCases: readonly KitCase<BoundFormatSubject>[] = [
  ...tokenClaimCases,
  ...tokenForgeryCases,
  ...tokenJunkCases,
  ...tokenTextCases,
];

/** Registers the tests that every `TokenFormat` must pass: only our own tokens are accepted. */
export function describeTokenFormat(runner: TestRunner, { format, ...subject }: TokenFormatSubject): void {
  const create = (secret: Secret) => bindKeys(format, secret);
  registerKit(runner, "token format", tokenFormatCases, { ...subject, create });
}
