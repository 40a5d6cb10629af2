import { Buffer, sha256 } from "#crypto";
import { bytesOf, randomBytes } from "../bytes.ts";
import type { UseTable } from "../use-table.ts";

/** Slots of five words: four of a key, and its count. A count of 0 marks a free slot. */
interface Part {
  words: Uint32Array;
  used: number;
}

const SLOT = 5;
const COUNT = 4;
const FIRST_SLOTS = 8;
const GROWTH = 1.5;
const FULL = 0.8;
const SPLIT_AT = 16_384;
const PARTS = 64;

/** The current key, and the text and hash that belong to it. The next call overwrites them. */
const key = new Uint32Array(COUNT);
let lastText = "";
let lastHash = 0;
const textWords = new Uint32Array(8);
const textBytes = Buffer.from(textWords.buffer);
const entry = new Uint32Array(SLOT);
/** Kept secret, so that an attacker cannot choose keys that all belong in one place. */
let seed = 0;

/**
 * Counts uses by key in typed arrays. It takes 25 to 38 bytes per key, where a Map takes 150, and leaves no objects for
 * the garbage collector to walk through. It uses open addressing: a key is in the slot that its hash gives, or in the
 * next free one. A large table has many parts, because moving all of it at once to make room would delay every request.
 *
 * SECURITY: keys are told apart by 128 bits. Two keys with the same 128 bits would share a count, so a use might be
 * refused, but none is sold twice. To find two such keys takes 2^64 payments (memory-use-store.test.ts, "counts what a
 * Map counts").
 */
export function createPackedUseTable(): UseTable {
  let parts = [createPart(FIRST_SLOTS)];
  let size = 0;
  const partOf = (hash: number) => parts[parts.length === 1 ? 0 : hash % PARTS] as Part;

  function split(): void {
    const [{ words }] = parts as [Part];
    // Each part has room for half as many keys again, so that this one call does not make the parts grow repeatedly.
    parts = Array.from({ length: PARTS }, () => createPart(Math.ceil((1.5 * SPLIT_AT) / PARTS / FULL)));
    forEachSlot(words, (slot) => insert(partOf(hashOf(words, slot)), words, slot));
  }

  return {
    get size() {
      return size;
    },
    get(text) {
      const hash = readKey(text);
      const { words } = partOf(hash);
      return words[slotOf(words, hash) + COUNT] as number;
    },
    set(text, uses) {
      const hash = readKey(text);
      const part = partOf(hash);
      const slot = slotOf(part.words, hash);
      const before = part.words[slot + COUNT] as number;
      if (uses > 0 && before === 0) {
        entry.set(key);
        entry[COUNT] = uses;
        insert(part, entry, 0);
        size++;
        if (size > SPLIT_AT && parts.length === 1) split();
      } else if (uses > 0) {
        part.words[slot + COUNT] = uses;
      } else if (before > 0) {
        remove(part, slot);
        size--;
      }
    },
  };
}

/**
 * Sets `key` to 128 bits of a text, and returns their hash. It combines the two halves of the text if that is a hash,
 * or else of the text's own hash.
 */
function readKey(text: string): number {
  // A key is first looked up and then counted, so the last text often comes again.
  if (text === lastText) return lastHash;
  // The seed is chosen at the first use and not at load, because Workers have no random numbers while they start.
  seed ||= new DataView(randomBytes(4).buffer).getUint32(0) | 1;
  // Node accepts other characters as digits, by their lowest byte. So the result is compared with the text.
  const isHash = text.length === 64 && textBytes.write(text, "hex") === 32 && textBytes.toString("hex") === text;
  if (!isHash) textBytes.set(sha256(bytesOf(text)));
  for (let i = 0; i < COUNT; i++) {
    const second = at(textWords, COUNT + i);
    // The second half is rotated, so that two equal halves do not cancel each other out.
    key[i] = at(textWords, i) ^ (second << 13) ^ (second >>> 19);
  }
  lastText = text;
  lastHash = hashOf(key, 0);
  return lastHash;
}

const createPart = (slots: number): Part => ({ words: new Uint32Array(slots * SLOT), used: 0 });

/** Hashes the four words at `start`. */
function hashOf(words: ArrayLike<number>, start: number): number {
  let hash = seed;
  for (let i = start; i < start + COUNT; i++) {
    hash = Math.imul(hash ^ at(words, i), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/**
 * Finds the slot of `key`, or the free slot where it belongs. A free slot always exists, because a part is never full.
 */
function slotOf(words: Uint32Array, hash: number): number {
  for (let slot = homeOf(words, hash); ; slot = next(words, slot)) {
    const isHere =
      words[slot] === key[0] && words[slot + 1] === key[1] && words[slot + 2] === key[2] && words[slot + 3] === key[3];
    if (isHere || !words[slot + COUNT]) return slot;
  }
}

const homeOf = (words: Uint32Array, hash: number): number =>
  Math.floor((hash / 2 ** 32) * (words.length / SLOT)) * SLOT;

const next = (words: Uint32Array, slot: number): number => (slot + SLOT === words.length ? 0 : slot + SLOT);

function forEachSlot(words: Uint32Array, visit: (slot: number) => void): void {
  for (let slot = 0; slot < words.length; slot += SLOT) if (words[slot + COUNT]) visit(slot);
}

function insert(part: Part, from: ArrayLike<number>, slot: number): void {
  if ((part.used + 1) * SLOT > part.words.length * FULL) {
    const { words } = part;
    part.words = new Uint32Array(Math.ceil((words.length / SLOT) * GROWTH) * SLOT);
    forEachSlot(words, (each) => copy(words, each, part.words));
  }
  copy(from, slot, part.words);
  part.used++;
}

function copy(from: ArrayLike<number>, slot: number, words: Uint32Array): void {
  let free = homeOf(words, hashOf(from, slot));
  while (words[free + COUNT]) free = next(words, free);
  for (let i = 0; i < SLOT; i++) words[free + i] = at(from, slot + i);
}

/** Removes a slot, and moves the following keys closer to their home slots, so that no gap hides them. */
function remove(part: Part, removed: number): void {
  const { words } = part;
  let gap = removed;
  for (let slot = next(words, gap); words[slot + COUNT]; slot = next(words, slot)) {
    const home = homeOf(words, hashOf(words, slot));
    const isBetween = gap < slot ? gap < home && home <= slot : gap < home || home <= slot;
    if (isBetween) continue;
    words.copyWithin(gap, slot, slot + SLOT);
    gap = slot;
  }
  words[gap + COUNT] = 0;
  part.used--;
}

const at = (array: ArrayLike<number>, i: number): number => array[i] as number;
