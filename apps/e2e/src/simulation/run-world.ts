import { inspect } from "node:util";
import { type Buyer, openBuyer } from "./buyer.ts";
import { checkEnd } from "./check-end.ts";
import { type Lightning, openLightning } from "./lightning.ts";
import { openNetwork } from "./network.ts";
import { createRandom, type Random } from "./random.ts";
import { openSeller, ROUTES, type Seller } from "./seller.ts";
import { type Call, FAULTS, type Fault, type Simulation } from "./simulation.ts";
import { pause, startVirtualTime, type VirtualTime } from "./virtual-time.ts";

const HOUR_MS = 3_600_000;
const PATHS = [...Object.keys(ROUTES), "/moved", "/moved-order", "/nothing"];

/** The parts of a world, and what was seen of them. */
export interface World extends Simulation {
  lightning: Lightning;
  sellers: Seller[];
  buyers: Buyer[];
  /** What a seller called used up. It may have been wrong: a use that was taken can come back when a handler fails. */
  saidUsedUp: Set<string>;
  tokens: Set<string>;
  /** All that users and sellers were shown. */
  seen: string[];
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
  const seen: string[] = [];
  let ids = 0;
  const simulation: Simulation = {
    random,
    time,
    faults: Object.fromEntries(rates) as Simulation["faults"],
    problems: [],
    trace: (line) => void course.push(`${((time.now() - begin) / 1000).toFixed(3)} ${line}`),
    nameOf: (hash) => `#${[...lightning.invoices.keys()].indexOf(hash)}`,
    nextId: () => ids++,
    show: (shown) => void seen.push(textOf(shown)),
  };
  simulation.trace(`faults: ${rates.filter(([, rate]) => rate).join(" ")}`);
  const lightning = openLightning(simulation);
  const sellers = Array.from({ length: whole(1, 2) }, (_, i) =>
    openSeller(simulation, lightning, `https://s${i}.example`),
  );
  const fetchOf = openNetwork(simulation, sellers, {
    onOffer(id, paymentHash, token) {
      calls.get(id)?.offered.add(paymentHash);
      tokens.add(token);
    },
    onUsedUp: (paymentHash) => saidUsedUp.add(paymentHash),
  });
  const onCall = (call: Call) => calls.set(call.id, call);
  const buyers = Array.from({ length: whole(1, 3) }, (_, i) =>
    openBuyer(simulation, lightning, fetchOf, onCall, `b${i}`),
  );
  const world: World = { ...simulation, lightning, sellers, buyers, saidUsedUp, tokens, seen };
  return { world, course };
}

/** Some calls, at once or over minutes or hours, and the deaths of processes. */
async function trade({ random, time, faults, sellers, buyers }: World): Promise<void> {
  const { chance, pick, whole } = random;
  const paths = pick([pick(...PATHS)], ["/news/a", "/news/b"], PATHS);
  const rounds = whole(5, 30);
  const gapMs = (2 * pick(60_000, 600_000, HOUR_MS)) / rounds;
  let isOver = false;
  const act = async () => {
    for (let round = 0; round < rounds; round++) {
      await pause(chance(0.4) ? whole(0, 20) : whole(0, gapMs));
      const buyer = pick(...buyers);
      const path = pick(...paths);
      const method = ROUTES[path]?.method ?? (path === "/moved-order" ? "POST" : "GET");
      for (let calls = chance(0.2) ? whole(2, 5) : 1; calls > 0; calls--) {
        const body = method === "POST" ? "x".repeat(whole(1, 40)) : undefined;
        void buyer.fetch(`${pick(...sellers).origin}${path}`, method, body);
      }
      if (chance(faults.buyerDies)) pause(whole(0, 3000)).then(() => buyer.replaceProcess());
      if (chance(faults.sellerDies)) pick(...sellers).replaceServer();
      if (chance(0.05)) buyer.processes[0]?.client.resume().catch(() => {});
    }
    isOver = true;
  };
  void act();
  await time.run(Number.POSITIVE_INFINITY, () => isOver);
}

/** Ends all faults, and waits until whatever was under way has ended. */
async function heal({ time, faults, buyers, trace }: World): Promise<void> {
  for (const fault of FAULTS) faults[fault] = 0;
  for (const { processes } of buyers) for (const process of processes) process.skewMs = 0;
  trace("all is healed");
  await time.run(time.now() + 2 * HOUR_MS);
}

/** All that a user could see of a value: of an error also its causes. */
function textOf(shown: unknown): string {
  const { cause, error = cause } = (shown ?? {}) as { cause?: unknown; error?: unknown };
  return `${inspect(shown, { depth: 5 })} ${JSON.stringify(shown)}${error ? textOf(error) : ""}`;
}
