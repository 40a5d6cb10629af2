import { bytesOf, toBase64Url } from "../../bytes.ts";
import type { SigningKey } from "../key-ring.ts";

/** The token of a head, of any length and with any key. */
export const signAnyHead = (head: string, key: SigningKey): string =>
  toBase64Url(bytesOf(`${head},"sig":"${toBase64Url(key.sign(bytesOf(head)))}"}`));
