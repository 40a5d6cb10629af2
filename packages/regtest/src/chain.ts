import { createHash } from "node:crypto";
import type { Clock } from "@l402/core";

/** A block for the nodes. */
export interface Block {
  header: Uint8Array;
  height: number;
  transactions: readonly Uint8Array[];
}

/** A blockchain in memory that only this regtest uses. */
export interface Chain {
  /** Mines a block with these transactions. */
  mine(transactions?: readonly Uint8Array[]): void;
  /** Sets the time of the tip to the time of the clock: LDK knows no other time. */
  keepTime(): void;
}

const REGTEST_BITS = 0x207fffff;

/** Starts a chain on top of the genesis block. Calls `tell` with every block. */
export function createChain(genesisHash: Uint8Array, clock: Clock, tell: (block: Block) => void): Chain {
  let height = 0;
  let parent = genesisHash;
  let tip = genesisHash;
  let time = secondsOf(clock());

  function add(transactions: readonly Uint8Array[]): void {
    const header = headerOn(parent, time, height);
    tip = doubleSha256(header);
    tell({ header, height, transactions });
  }

  return {
    mine(transactions = []) {
      parent = tip;
      height += 1;
      time = Math.max(time, secondsOf(clock()));
      add(transactions);
    },
    keepTime() {
      const now = secondsOf(clock());
      if (now <= time) return;
      time = now;
      // Another empty block replaces the empty tip. If the chain grew every second, held payments would time out.
      add([]);
    },
  };
}

function headerOn(parent: Uint8Array, time: number, nonce: number): Uint8Array {
  const header = Buffer.alloc(80);
  header.writeInt32LE(2, 0);
  header.set(parent, 4);
  header.writeUInt32LE(time, 68);
  header.writeUInt32LE(REGTEST_BITS, 72);
  header.writeUInt32LE(nonce, 76);
  return Uint8Array.from(header);
}

const secondsOf = (instant: Date) => Math.floor(instant.getTime() / 1000);

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

const doubleSha256 = (bytes: Uint8Array): Uint8Array => Uint8Array.from(sha256(sha256(bytes)));
