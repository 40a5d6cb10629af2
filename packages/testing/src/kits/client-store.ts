import assert from "node:assert/strict";
import type { ClientStore } from "@l402/core";
import { answerOf, errorOf } from "./expectations.ts";
import { during, given, type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";

/** A store for clients, to be tested. */
export interface ClientStoreSubject extends KitSubject {
  /** Called for every case. Returns an empty store each time. */
  create(): ClientStore | Promise<ClientStore>;
  /** Creates a second instance on the data of `store`, as another process would have it. */
  createPeer?(store: ClientStore): ClientStore | Promise<ClientStore>;
  /** Makes every call to the backend fail until the returned function is called. */
  breakBackend?(store: ClientStore): Repair | Promise<Repair>;
}

/** Long enough for a hundred updates one after the other, each of them on a disk or across a network. */
const SECONDS = 20;

const append = (store: ClientStore, word: string) =>
  answerOf(() => store.update((text = "") => `${text}${word};`), SECONDS);

const read = (store: ClientStore) => answerOf(() => store.read(), SECONDS);

const wordsOf = (text: string | undefined) => (text ?? "").split(";").filter(Boolean).sort();

async function openWithPeer(subject: ClientStoreSubject) {
  const store = await subject.create();
  return { store, peer: await given(subject, "createPeer")(store) };
}

/** All requirements of the kit for a client store. */
export const clientStoreCases: readonly KitCase<ClientStoreSubject>[] = [
  {
    name: "keeps nothing at first",
    safety: true,
    async run(subject) {
      const store = await subject.create();
      assert.equal(await read(store), undefined);
      const seen: unknown[] = [];
      const change = (text: string | undefined) => {
        seen.push(text);
        return "first";
      };
      await answerOf(() => store.update(change));
      assert.equal(seen[0], undefined, "The first change must be given undefined, and no empty text.");
    },
  },
  {
    name: "answers what the last update wrote",
    safety: true,
    async run(subject) {
      const store = await subject.create();
      for (const text of ["one", "two", "two", "three"]) {
        await answerOf(() => store.update(() => text));
        assert.equal(await read(store), text);
      }
    },
  },
  {
    name: "keeps every text as it is",
    safety: true,
    async run(subject) {
      const store = await subject.create();
      const texts = ['{"a":1}', " \r\n\t'\"\\", "ä € 🎉 \u2028", "x".repeat(2_000_000), "%s $1 :a ?"];
      for (const text of texts) {
        await answerOf(() => store.update(() => text), SECONDS);
        assert.ok((await read(store)) === text, `It changed the text ${JSON.stringify(text.slice(0, 30))}.`);
      }
    },
  },
  {
    name: "loses no update of many at the same time",
    safety: true,
    async run(subject) {
      const store = await subject.create();
      const words = Array.from({ length: 50 }, (_, i) => `w${i}`).sort();
      await Promise.all(words.map((word) => append(store, word)));
      assert.deepEqual(wordsOf(await read(store)), words);
    },
  },
  {
    name: "loses no update of two instances at the same time",
    safety: true,
    needs: "createPeer",
    async run(subject) {
      const { store, peer } = await openWithPeer(subject);
      const words = Array.from({ length: 50 }, (_, i) => `w${i}`).sort();
      await Promise.all(words.map((word, i) => append(i % 2 ? store : peer, word)));
      await append(store, "end");
      assert.deepEqual(wordsOf(await read(store)), ["end", ...words]);
    },
  },
  {
    name: "changes the newest text, also where another instance wrote it",
    safety: true,
    needs: "createPeer",
    async run(subject) {
      const { store, peer } = await openWithPeer(subject);
      await append(store, "a");
      await append(peer, "b");
      await append(store, "c");
      assert.equal(await read(store), "a;b;c;");
    },
  },
  {
    name: "writes nothing where a change throws, and passes its error on",
    safety: true,
    async run(subject) {
      const store = await subject.create();
      const refusal = new Error("over the budget");
      const refuse = () => {
        throw refusal;
      };
      assert.equal(await errorOf(() => store.update(refuse), "update must reject where its change throws."), refusal);
      assert.equal(await read(store), undefined);
      await append(store, "a");
      assert.equal(await errorOf(() => store.update(refuse), "update must reject where its change throws."), refusal);
      assert.equal(await read(store), "a;");
      await append(store, "b");
      assert.equal(await read(store), "a;b;", "A change that threw must not block the next one.");
    },
  },
  {
    name: "rejects while its backend is down, and goes on with what it had",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const store = await subject.create();
      await append(store, "a");
      await during(given(subject, "breakBackend"), store, async () => {
        await errorOf(() => store.update(() => "lost"), "update resolved although its backend is down.", SECONDS);
        await errorOf(() => store.read(), "read answered although its backend is down.", SECONDS);
      });
      await append(store, "b");
      assert.equal(await read(store), "a;b;");
    },
  },
];

/** Registers the tests that every `ClientStore` must pass: a recorded payment is never lost. */
export function describeClientStore(runner: TestRunner, subject: ClientStoreSubject): void {
  registerKit(runner, "client store", clientStoreCases, subject);
}
