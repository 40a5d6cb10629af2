import { createMemoryUseStore, type Use, type UseStore } from "@l402/core";
import type { Simulation } from "./simulation.ts";
import { never, pause } from "./virtual-time.ts";

/** What the handlers and the use store saw of one payment, or of a part of it that was handed on. */
export interface Account {
  /** Uses that the store counted, and those it got back. */
  counted: number;
  returned: number;
  /** Handlers that began, that run for a client that waits, and that ended so that their use is kept. */
  begun: number;
  running: number;
  kept: number;
  /** Uses that nobody can give back: the store was down, or the server died. */
  lost: number;
}

/** One of a seller's servers. */
export interface Server {
  isDead: boolean;
  /** Its calls are cut off when their request has been answered, and never end. */
  isWorker: boolean;
  skewMs: number;
  /** How far its clock was behind at most. */
  slowestMs: number;
  /** By key: when the request was refused whose use is counted all the same, and may come back. */
  late: Map<string, number>;
}

/** The use store of a seller, which all its servers share, and what it counted. */
export function openSharedStore({ random, time, faults }: Simulation) {
  const { chance, pick, whole } = random;
  const counts = createMemoryUseStore({ clock: () => new Date(time.now()) });
  const accounts = new Map<string, Account>();

  const accountOf = (key: string): Account => {
    const account = accounts.get(key) ?? newAccount();
    accounts.set(key, account);
    return account;
  };

  /** The store as one server reaches it: some calls fail, and some take effect and answer too late, or not at all. */
  const storeOf = (server: Server): UseStore => ({
    async consume(use) {
      const patienceEnds = time.now() + 3000;
      await pause(whole(0, 30));
      const trouble = chance(faults.useStore) && pick("down", "counts late", "answers late", "answer lost");
      if (trouble === "down") throw new Error("the password of the store");
      if (trouble === "counts late") await pause(whole(2500, 20_000));
      if (server.isDead) return never();
      const account = accountOf(use.key);
      const left = counts.consume(use) as number | false;
      if (left !== false) {
        account.counted++;
        server.late.set(use.key, patienceEnds);
      }
      if (trouble === "answers late") await pause(whole(2500, 20_000));
      const isLate = time.now() > patienceEnds;
      const isCutOff = server.isDead || (server.isWorker && isLate);
      if (left !== false && !isLate) server.late.delete(use.key);
      if (left !== false && (isCutOff || trouble === "answer lost")) account.lost++;
      if (isCutOff) return never();
      if (trouble === "answer lost") throw new Error("the password of the store");
      return left;
    },
    async release(use: Use) {
      await pause(whole(0, 30));
      server.late.delete(use.key);
      const account = accountOf(use.key);
      if (server.isDead || chance(faults.release)) {
        account.lost++;
        throw new Error("the password of the store");
      }
      await counts.release(use);
      account.returned++;
    },
  });

  return { accounts, accountOf, storeOf };
}

export const newAccount = (): Account => ({ counted: 0, returned: 0, begun: 0, running: 0, kept: 0, lost: 0 });
