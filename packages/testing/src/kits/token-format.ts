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

/** A format as its cases see it, under a secret of their choice. */
export interface BoundFormatSubject extends KitSubject {
  create(secret: Secret): BoundFormat;
}

/** Everything that the kit demands of a token format. */
export const tokenFormatCases: readonly KitCase<BoundFormatSubject>[] = [
  ...tokenClaimCases,
  ...tokenForgeryCases,
  ...tokenJunkCases,
  ...tokenTextCases,
];

/** Registers the tests that every `TokenFormat` has to pass: nothing but a token of ours opens anything. */
export function describeTokenFormat(runner: TestRunner, { format, ...subject }: TokenFormatSubject): void {
  const create = (secret: Secret) => bindKeys(format, secret);
  registerKit(runner, "token format", tokenFormatCases, { ...subject, create });
}
