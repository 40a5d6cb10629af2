import type { ClientStore } from "@l402/core";
import { describe, expect, it } from "vitest";
import { type ClientStoreSubject, clientStoreCases } from "../../src/kits/client-store.ts";
import { failingCases, namesOf, runCase } from "./run-cases.ts";

interface Backend {
  text: string | undefined;
  isDown: boolean;
}

const backends = new WeakMap<ClientStore, Backend>();

/** A store whose backend takes its time, with one thing about it that may be wrong. */
function storeOn(backend: Backend, change: Partial<Habits>): ClientStore {
  const { read, write, begin, end } = { ...GOOD, ...change };
  let last: Promise<unknown> = Promise.resolve();
  const store: ClientStore = {
    async read() {
      if (backend.isDown) throw new Error("down");
      return read(backend);
    },
    update(rewrite) {
      const done = begin(last, async () => {
        if (backend.isDown) throw new Error("down");
        for (;;) {
          const before = backend.text;
          const text = end(() => rewrite(before));
          await Promise.resolve();
          if (write(backend, before, text)) return;
        }
      });
      last = done.catch(() => {});
      return done;
    },
  };
  backends.set(store, backend);
  return store;
}

interface Habits {
  read(backend: Backend): string | undefined;
  /** False where somebody else was quicker. */
  write(backend: Backend, before: string | undefined, text: string): boolean;
  begin(last: Promise<unknown>, work: () => Promise<void>): Promise<void>;
  end(change: () => string): string;
}

const GOOD: Habits = {
  read: ({ text }) => text,
  write(backend, before, text) {
    if (backend.text !== before) return false;
    backend.text = text;
    return true;
  },
  begin: (last, work) => last.then(work),
  end: (change) => change(),
};

const subjectWith = (habits: Partial<Habits>, peer?: Partial<Habits>): ClientStoreSubject => ({
  name: "a store in memory",
  create: () => storeOn({ text: undefined, isDown: false }, habits),
  createPeer: (store) => storeOn(backends.get(store) as Backend, peer ?? habits),
  breakBackend(store) {
    const backend = backends.get(store) as Backend;
    backend.isDown = true;
    return () => {
      backend.isDown = false;
    };
  },
});

const careless: Partial<Habits> = {
  write(backend, _, text) {
    backend.text = text;
    return true;
  },
};

const BROKEN: [does: string, failingCase: string, subject: ClientStoreSubject][] = [
  ["begins with an empty text", "keeps nothing at first", subjectWith({ read: ({ text }) => text ?? "" })],
  ["answers what was", "answers what the last update wrote", subjectWith({ read: () => "one" })],
  ["trims", "keeps every text as it is", subjectWith({ read: ({ text }) => text?.trim() })],
  [
    "lets its own updates race",
    "loses no update of many at the same time",
    subjectWith({ ...careless, begin: (_, work) => work() }),
  ],
  ["overwrites what others wrote", "loses no update of two instances at the same time", subjectWith(careless)],
  [
    "keeps a text of its own",
    "changes the newest text, also where another instance wrote it",
    { ...subjectWith({}), createPeer: () => storeOn({ text: undefined, isDown: false }, {}) },
  ],
  [
    "swallows what a change throws",
    "writes nothing where a change throws, and passes its error on",
    subjectWith({
      end(change) {
        try {
          return change();
        } catch {
          return "";
        }
      },
    }),
  ],
  [
    "hides that its backend is down",
    "rejects while its backend is down, and goes on with what it had",
    { ...subjectWith({}), breakBackend: () => () => {} },
  ],
];

describe("the kit", () => {
  it("finds nothing wrong with a good store", async () => {
    expect(await failingCases(clientStoreCases, subjectWith({}))).toEqual([]);
  });

  it("asks for the hooks that are missing", async () => {
    const { name, create } = subjectWith({});
    expect(await failingCases(clientStoreCases, { name, create })).toEqual(
      clientStoreCases.filter(({ needs }) => needs).map((kitCase) => kitCase.name),
    );
  });

  it.each(BROKEN)("notices a store that %s", async (_, failingCase, subject) => {
    await expect(runCase(clientStoreCases, failingCase, subject)).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect(BROKEN.map(([, failingCase]) => failingCase).sort()).toEqual(namesOf(clientStoreCases));
  });
});
