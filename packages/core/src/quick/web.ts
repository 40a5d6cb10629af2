import { randomBytes, toBase64Url } from "../bytes.ts";
import type * as node from "./node.ts";

// What the ways for all answer is right as well.
export const readUsualCredential: typeof node.readUsualCredential = () => undefined;
export const readUsualToken: typeof node.readUsualToken = () => undefined;
export { signAnyHead as signHead } from "../token/signed-json/sign-head.ts";
export { createUseMap as createUseTable } from "../use-table.ts";

export const randomId = (): string => toBase64Url(randomBytes(16));
