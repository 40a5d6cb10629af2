import type { Clock, UseStore } from "@l402/core";
import { type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";
import { useStoreCountCases } from "./use-store/count-cases.ts";
import { useStoreExpiryCases } from "./use-store/expiry-cases.ts";
import { useStoreOutageCases } from "./use-store/outage-cases.ts";

/** A use store to test. */
export interface UseStoreSubject extends KitSubject {
  /** Called for every case. Cases use random keys, so the stores may share one backend. */
  create(options: { clock: Clock }): UseStore | Promise<UseStore>;
  /** Creates a second instance on the backend of `store`, as another server process would have it. */
  createPeer?(store: UseStore, options: { clock: Clock }): UseStore | Promise<UseStore>;
  /** Makes every call to the backend fail until the returned function is called. */
  breakBackend?(store: UseStore): Repair | Promise<Repair>;
  /** "real" for a backend that keeps its own time: the kit then waits for some seconds. Default "fake". */
  time?: "fake" | "real";
}

/** All requirements of the kit for a use store. */
export const useStoreCases: readonly KitCase<UseStoreSubject>[] = [
  ...useStoreCountCases,
  ...useStoreExpiryCases,
  ...useStoreOutageCases,
];

/** Registers the tests that every `UseStore` must pass: no use is granted twice, lost or invented. */
export function describeUseStore(runner: TestRunner, subject: UseStoreSubject): void {
  registerKit(runner, "use store", useStoreCases, subject);
}
