import { bytesOf, toBase64Url } from "../../bytes.ts";
import type { SigningKey } from "../key-ring.ts";

/** Signs a head and returns the token. Works for heads of any length and for every key. */
export const signAnyHead = (head: string, key: SigningKey): string =>
  toBase64Url(bytesOf(`${head},"sig":"${toBase64Url(key.sign(bytesOf(head)))}"}`));
