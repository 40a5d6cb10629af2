import { createHash, randomBytes } from "node:crypto";

/** 100 random bits in lower-case letters and digits. */
export const randomId = (): string =>
  BigInt(`0x${randomBytes(16).toString("hex")}`)
    .toString(36)
    .padStart(25, "0");

export const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
