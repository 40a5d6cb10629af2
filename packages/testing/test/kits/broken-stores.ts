import type { Clock, Use, UseStore } from "@l402/core";
import type { UseStoreSubject } from "../../src/kits/use-store.ts";

/** A store with a backend that other instances can share and that can be down, and nothing wrong with it. */
export const goodSubject: UseStoreSubject = {
  name: "a good store",
  create: ({ clock }) => openInstance({ counts: new Map(), down: false }, clock),
  createPeer: (store, { clock }) => openInstance((store as Instance).backend, clock),
  breakBackend(store) {
    const { backend } = store as Instance;
    backend.down = true;
    return () => {
      backend.down = false;
    };
  },
};

interface Backend {
  counts: Map<string, { used: number; expiresAt: Date }>;
  down: boolean;
}

interface Instance extends UseStore {
  backend: Backend;
  usedOf(use: Use): number;
}

function openInstance(backend: Backend, clock: Clock): Instance {
  const usedOf = (use: Use) => {
    if (backend.down) throw new Error("connection refused");
    const count = backend.counts.get(use.key);
    return count && count.expiresAt > clock() ? count.used : 0;
  };
  return {
    backend,
    usedOf,
    async consume(use) {
      const used = usedOf(use);
      if (use.expiresAt <= clock() || used >= use.limit) return false;
      backend.counts.set(use.key, { used: used + 1, expiresAt: use.expiresAt });
      return use.limit - used - 1;
    },
    async release(use) {
      const used = usedOf(use);
      if (used > 0) backend.counts.set(use.key, { used: used - 1, expiresAt: use.expiresAt });
    },
  };
}

type Change = (store: Instance, clock: Clock) => Partial<UseStore>;

/** The good store with something broken in every instance. */
export function broken(change: Change): UseStoreSubject {
  const wrap = (store: UseStore, clock: Clock) => Object.assign(store, change({ ...(store as Instance) }, clock));
  return {
    ...goodSubject,
    create: async (options) => wrap(await goodSubject.create(options), options.clock),
    createPeer: async (store, options) => wrap(openInstance((store as Instance).backend, options.clock), options.clock),
  };
}

const put = ({ backend }: Instance, use: Use, used: number) =>
  void backend.counts.set(use.key, { used, expiresAt: use.expiresAt });

/** What can be wrong with a store, and the case that has to notice it. */
export const BROKEN_STORES: readonly [what: string, failingCase: string, change: Change][] = [
  [
    "checks, waits and then counts",
    "grants exactly the limit to parallel requests",
    (store) => ({
      async consume(use) {
        const used = store.usedOf(use);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (used >= use.limit) return false;
        put(store, use, used + 1);
        return use.limit - used - 1;
      },
    }),
  ],
  [
    "keeps counts per instance",
    "grants exactly the limit to parallel requests at two instances",
    (_, clock) => openInstance({ counts: new Map(), down: false }, clock),
  ],
  [
    "answers true",
    "grants a single use once",
    (store) => ({ consume: async (use) => ((await store.consume(use)) !== false) as never }),
  ],
  [
    "answers how many uses are left before this one",
    "answers how many uses are left, 0 for the last one and false after it",
    (store) => ({
      async consume(use) {
        const left = await store.consume(use);
        return left === false ? false : left + 1;
      },
    }),
  ],
  [
    "takes 0 for false",
    "grants a single use once",
    (store) => ({ consume: async (use) => (await store.consume(use)) || false }),
  ],
  [
    "counts all keys together",
    "counts every key on its own",
    (store) => ({ consume: (use) => store.consume({ ...use, key: "all" }) }),
  ],
  [
    "folds the case of keys",
    "tells keys apart by upper and lower case",
    (store) => ({ consume: (use) => store.consume({ ...use, key: use.key.toLowerCase() }) }),
  ],
  [
    "cuts keys off",
    "tells long keys apart that differ in one character",
    (store) => ({ consume: (use) => store.consume({ ...use, key: use.key.slice(0, 255) }) }),
  ],
  ["does not release", "gives a use back, which can be taken again", () => ({ release() {} })],
  [
    "forgets the whole count at a release",
    "gives back one use per release and never more than were taken",
    (store) => ({ release: (use) => put(store, use, 0) }),
  ],
  [
    "releases below zero",
    "makes no credit of a release where nothing was taken",
    (store) => ({ release: (use) => put(store, use, store.usedOf(use) - 1) }),
  ],
  [
    "releases two uses",
    "keeps the count right when releases run in parallel",
    (store) => ({ release: (use) => put(store, use, Math.max(0, store.usedOf(use) - 2)) }),
  ],
  [
    "releases only what it took itself",
    "gives a use back that another instance took",
    (store) => {
      const taken = new Set<string>();
      return {
        async consume(use) {
          const left = await store.consume(use);
          if (left !== false) taken.add(use.key);
          return left;
        },
        release: (use) => (taken.has(use.key) ? store.release(use) : undefined),
      };
    },
  ],
  [
    "counts in sixteen bits",
    "counts up to the largest number of uses that can be sold",
    (store) => ({ consume: (use) => store.consume({ ...use, limit: Math.min(use.limit, 65_535) }) }),
  ],
  [
    "forgets by a timer",
    "keeps counting for sixty days, with no timer that overflows",
    (store, clock) => ({
      async consume(use) {
        const milliseconds = use.expiresAt.getTime() - clock().getTime();
        setTimeout(() => store.backend.counts.delete(use.key), milliseconds > 2 ** 31 ? 1 : milliseconds).unref();
        return store.consume(use);
      },
    }),
  ],
  [
    "forgets after a minute",
    "keeps counting until the token expires",
    (store, clock) => ({
      consume: (use) => store.consume({ ...use, expiresAt: new Date(clock().getTime() + 60_000) }),
    }),
  ],
  [
    "grants what has expired",
    "never grants a use that has expired",
    (store, clock) => ({
      consume: (use) => (use.expiresAt <= clock() ? use.limit - 1 : store.consume(use)),
    }),
  ],
  [
    "never forgets",
    "forgets a count when its token has expired",
    (store) => {
      const counts = new Map<string, number>();
      return {
        async consume(use) {
          if ((await store.consume(use)) === false) return false;
          const used = (counts.get(use.key) ?? 0) + 1;
          counts.set(use.key, used);
          return used > use.limit ? false : use.limit - used;
        },
      };
    },
  ],
  [
    "grants while its backend is down",
    "rejects, and never answers, while its backend is down",
    (store) => ({ consume: (use) => Promise.resolve(store.consume(use)).catch(() => use.limit - 1) }),
  ],
  [
    "refuses while its backend is down",
    "rejects, and never answers, while its backend is down",
    (store) => ({ consume: (use) => Promise.resolve(store.consume(use)).catch(() => false as const) }),
  ],
  [
    "starts from zero after an outage",
    "counts on where it was when its backend is back",
    (store) => ({
      async consume(use) {
        if (store.backend.down) store.backend.counts.clear();
        return store.consume(use);
      },
    }),
  ],
];
