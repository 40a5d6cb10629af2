import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What can go wrong. Each world has some of it, each with a probability of its own. */
export const FAULTS = [
  "node",
  "paymentFails",
  "paymentHangs",
  "walletLine",
  "preimageLate",
  "requestLost",
  "answerLost",
  "answerCut",
  "requestTwice",
  "slowNetwork",
  "handlerFails",
  "slowHandler",
  "useStore",
  "release",
  "priceChanges",
  "clientStore",
  "clock",
  "clockSteps",
  "abort",
  "declined",
  "buyerDies",
  "sellerDies",
  "handsOn",
] as const;
export type Fault = (typeof FAULTS)[number];

/** The header by which the simulation knows which call a request belongs to. */
export const CALL = "x-call";
/** The header that says how long the body is that a buyer sends. */
export const BODY_LENGTH = "x-length";

/** What all parts of one world share. */
export interface Simulation {
  random: Random;
  time: VirtualTime;
  /** The probability of each fault. All are 0 after the world is healed. */
  faults: Record<Fault, number>;
  /** What must never happen, and did. */
  problems: string[];
  /** The course of events, printed if there are problems. */
  trace(line: string): void;
  /** Short names for payment hashes: random ones would differ from run to run. */
  nameOf(paymentHash: string): string;
  nextId(): number;
  /** Keeps what users and sellers are shown, to look for secrets in it. */
  show(shown: unknown): void;
}

/** One call of a client's `fetch`. */
export interface Call {
  id: number;
  url: string;
  method: string;
  /** True if its body can be sent once only. */
  isStream: boolean;
  /** True if its process died while it ran. */
  isLost?: boolean;
  isAborted?: boolean;
  beganAt: number;
  endedAt?: number;
  /** The status of the answer, or the error. */
  outcome?: unknown;
  /** The payment hashes of the invoices it was offered, and of those that its wallet was told to pay meanwhile. */
  offered: Set<string>;
  ordered: Set<string>;
}
