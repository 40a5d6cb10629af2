import { inspect } from "node:util";
import { type Buyer, openBuyer } from "./buyer.ts";
import { checkEnd } from "./check-end.ts";
import { type Lightning, openLightning } from "./lightning.ts";
import { openNetwork, type Shown } from "./network.ts";
import { createRandom, type Random } from "./random.ts";
import { openSeller, type Seller } from "./seller.ts";
import { type Call, FAULTS, type Fault, type Simulation } from "./simulation.ts";
import { openThief, type Thief } from "./thief.ts";
import { trade } from "./trade.ts";
import { startVirtualTime, type VirtualTime } from "./virtual-time.ts";

const HOUR_MS = 3_600_000;

/** The parts of a world, and what was seen of them. */
export interface World extends Simulation {
  lightning: Lightning;
  sellers: Seller[];
  thief: Thief;
  buyers: Buyer[];
  /** What a buyer was told is used up. A use that was taken can come back later, when its handler fails. */
  saidUsedUp: Set<string>;
  tokens: Set<string>;
  /** The credentials that were shown to sellers. */
  shown: Shown[];
  /** The connection of somebody who buys nothing. */
  strangersFetch: typeof fetch;
  /** All that users and sellers were shown. */
  seen: string[];
  /** True if a buyer is refused only uses whose answer it did not hear, and writes down what it hears. */
  remembersAll: boolean;
}

/** Buyers and sellers trade while all kinds of things go wrong. Returns what must never happen, and did. */
export async function runWorld(seed: number): Promise<{ problems: string[]; course: string[] }> {
  const random = createRandom(seed);
  const time = startVirtualTime(Date.UTC(2026, 0, 1), random.next);
  try {
    const { world, course } = createWorld(random, time);
    await trade(world);
    await heal(world);
    await checkEnd(world);
    return { problems: world.problems, course };
  } finally {
    time.stop();
  }
}

function createWorld(random: Random, time: VirtualTime) {
  const { chance, pick, whole } = random;
  const begin = time.now();
  const course: string[] = [];
  const calls = new Map<number, Call>();
  const rates = FAULTS.map((fault): [Fault, number] => [fault, chance(0.35) ? pick(0.03, 0.1, 0.3) : 0]);
  const saidUsedUp = new Set<string>();
  const tokens = new Set<string>();
  const shown: Shown[] = [];
  const seen: string[] = [];
  let ids = 0;
  const simulation: Simulation = {
    random,
    time,
    faults: Object.fromEntries(rates) as Simulation["faults"],
    problems: [],
    trace(line) {
      const seconds = ((time.now() - begin) / 1000).toFixed(3);
      course.push(`${seconds} ${line.replace(/[0-9a-f]{64}/g, simulation.nameOf)}`);
    },
    nameOf: (hash) => `#${[...lightning.invoices.keys()].indexOf(hash)}`,
    nextId: () => ids++,
    show: (shown) => void seen.push(textOf(shown)),
  };
  simulation.trace(`faults: ${rates.filter(([, rate]) => rate).join(" ")}`);
  const lightning = openLightning(simulation);
  const sellers = Array.from({ length: whole(1, 2) }, (_, i) =>
    openSeller(simulation, lightning, `https://s${i}.example`),
  );
  const thief = openThief(simulation, lightning, "https://thief.example");
  const fetchOf = openNetwork(simulation, [...sellers, thief], {
    onOffer(id, paymentHash, token) {
      calls.get(id)?.offered.add(paymentHash);
      tokens.add(token);
    },
    onShown(credential, origin) {
      shown.push(credential);
      if (lightning.invoices.get(credential.paymentHash)?.seller !== origin)
        simulation.problems.push(`${simulation.nameOf(credential.paymentHash)} is shown to ${origin}.`);
    },
    onUsedUp: (paymentHash) => saidUsedUp.add(paymentHash),
    onGivenBack(paymentHash) {
      if (!isForgetful && isKnown(paymentHash)) saidUsedUp.delete(paymentHash);
    },
  });
  /** False for a pass whose 402 may have arrived half: without its number of uses, a buyer drops it once it is over. */
  const isKnown = (paymentHash: string) =>
    simulation.faults.answerCut === 0 || sellers.some(({ sales }) => sales.get(paymentHash)?.uses === 1);
  /** True if buyers may be unable to write down that a use came back. */
  const isForgetful = simulation.faults.clientStore + simulation.faults.buyerDies > 0;
  const { requestTwice, clock, handsOn } = simulation.faults;
  // Where clocks differ, a process may use what another one has just paid for. So may a stranger who has a part of it.
  const remembersAll = !isForgetful && requestTwice + clock + handsOn === 0;
  const strangersFetch = fetchOf({ isDead: false });
  const onCall = (call: Call) => calls.set(call.id, call);
  const buyers = Array.from({ length: whole(1, 3) }, (_, i) =>
    openBuyer(simulation, lightning, fetchOf, onCall, `b${i}`),
  );
  const parts = { lightning, sellers, thief, buyers, strangersFetch };
  const world: World = { ...simulation, ...parts, saidUsedUp, tokens, shown, seen, remembersAll };
  return { world, course };
}

/** Ends all faults, and waits until whatever was under way has ended. */
async function heal({ time, faults, buyers, trace }: World): Promise<void> {
  for (const fault of FAULTS) faults[fault] = 0;
  for (const buyer of buyers) buyer.healClocks();
  trace("all is healed");
  await time.run(time.now() + 2 * HOUR_MS);
}

/** All that a user could see of a value: of an error also its causes. */
function textOf(shown: unknown): string {
  const { cause, error = cause } = (shown ?? {}) as { cause?: unknown; error?: unknown };
  return `${inspect(shown, { depth: 5 })} ${JSON.stringify(shown)}${error ? textOf(error) : ""}`;
}
