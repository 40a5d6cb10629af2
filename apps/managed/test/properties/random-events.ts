import type { LedgerEvent } from "./ledger-model.ts";

/** A generator of numbers that a seed repeats (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const MERCHANTS = ["m1aaaaaa", "m2aaaaaa", "m3aaaaaa"];
/** Those of `run-events.sql`. */
const CHEATS = 10;

/** From few merchants, hashes and ids, so that everything meets everything: twice, in any order, and of somebody else. */
export function randomEvents(seed: number): LedgerEvent[] {
  const below = randomNumbers(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const hash = () => below(6).toString(16).padStart(64, "0");
  const id = () => `p${below(6)}`;
  const amount = () => pick([1, 333, 334, 1_000, 1_001, 9_999, 10_000, 999_999, 1 + below(3_000_000)]);
  const part = () => pick([1, 999, 1_000, 5_000, 1 + below(300_000), amount()]);

  const kinds: (() => LedgerEvent)[] = [
    () => ({
      op: "invoice",
      hash: hash(),
      merchant: pick(MERCHANTS),
      kind: pick(["sale", "sale", "direct", "bill"]),
      amount: amount(),
    }),
    () => ({ op: "settle", hash: hash(), received: pick([null, null, amount()]) }),
    () => {
      const account = pick([...MERCHANTS.map((merchant) => `merchant:${merchant}`), "fee"]);
      const kind = account === "fee" ? "operator" : pick(["address", "withdrawal"]);
      const ownHash = kind === "address" ? null : hash();
      return {
        op: "reserve",
        id: id(),
        account,
        kind,
        amount: part(),
        fee: pick([0, 1, 5_000, part()]),
        hash: ownHash,
      };
    },
    () => ({
      op: "refund",
      of: hash(),
      id: id(),
      account: `merchant:${pick(MERCHANTS)}`,
      amount: part(),
      fee: pick([0, 1, 5_000]),
      hash: hash(),
    }),
    () => ({ op: "send", id: id(), hash: hash() }),
    () => ({ op: "paid", id: id(), fee: pick([0, 1, 4_999, 5_000, part()]) }),
    () => ({ op: "failed", id: id() }),
    () => ({ op: "cheat", nth: below(CHEATS) }),
  ];
  // Money comes in first, or nearly nothing would be paid.
  const [income, all] = [
    [0, 1],
    [0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7],
  ];
  return Array.from({ length: 15 + below(30) }, (_, i) => (kinds[pick(i < 12 ? income : all)] as () => LedgerEvent)());
}
