import { randomBytes, toBase64Url } from "../bytes.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import type { KeyRing } from "../token/key-ring.ts";
import type { Credential } from "../wire/parse-authorization.ts";

// `undefined` means that the general functions have to read it, so it is always a correct answer.
export const readUsualCredential: (line: string) => Credential | undefined = () => undefined;
export const readUsualToken: (token: string, keys: KeyRing) => TokenClaims | "forged" | undefined = () => undefined;
export { signAnyHead as signHead } from "../token/signed-json/sign-head.ts";
export { createUseMap as createUseTable } from "../use-table.ts";

export const randomId = (): string => toBase64Url(randomBytes(16));
