const VERSION_2 = "02000000";
const SEGWIT_MARKER = "0001";
const NO_COIN = "09".repeat(32);
const FINAL = "ffffffff";
const WITNESS = "0101ff";
const NO_LOCK_TIME = "00000000";

/** Creates a transaction that funds a channel. Its input is invented, because nodes on this chain do not check it. */
export function fundingTransaction(amountSats: bigint, script: Uint8Array, number: number): Uint8Array {
  const index = Buffer.alloc(4);
  index.writeUInt32LE(number); // Two channels of one size must not have the same transaction.
  const amount = Buffer.alloc(8);
  amount.writeBigUInt64LE(amountSats);
  const input = `01${NO_COIN}${index.toString("hex")}00${FINAL}`;
  const output = `01${amount.toString("hex")}${byte(script.length)}${Buffer.from(script).toString("hex")}`;
  return Uint8Array.from(Buffer.from(VERSION_2 + SEGWIT_MARKER + input + output + WITNESS + NO_LOCK_TIME, "hex"));
}

const byte = (value: number) => value.toString(16).padStart(2, "0");
