import assert from "node:assert/strict";
import type { UseStore } from "@l402/core";
import { given, type KitCase } from "../kit.ts";
import type { UseStoreSubject } from "../use-store.ts";
import { consume, consumeInParallel, openStore, release } from "./open-store.ts";

const counts = (answers: readonly (number | false)[]) =>
  answers.filter((answer) => answer !== false).sort((a, b) => a - b);

const upTo = (limit: number) => Array.from({ length: limit }, (_, left) => left);

/** Uses are counted exactly, even with parallel requests and with several servers. */
export const useStoreCountCases: readonly KitCase<UseStoreSubject>[] = [
  {
    name: "grants a single use once",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(1);
      assert.equal(await consume(store, use), 0, "The only use must be granted: 0 are left after it.");
      assert.equal(await consume(store, use), false);
      assert.equal(await consume(store, use), false);
    },
  },
  {
    name: "answers how many uses are left, 0 for the last one and false after it",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(3);
      for (const answer of [2, 1, 0, false, false]) assert.equal(await consume(store, use), answer);
    },
  },
  {
    name: "grants exactly the limit to parallel requests",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      assert.deepEqual(counts(await consumeInParallel([store], newUse(1), 50)), [0]);
      assert.deepEqual(counts(await consumeInParallel([store], newUse(10), 50)), upTo(10));
    },
  },
  {
    name: "grants exactly the limit to parallel requests at two instances",
    safety: true,
    needs: "createPeer",
    async run(subject) {
      const { store, peer, newUse } = await openWithPeer(subject);
      assert.deepEqual(counts(await consumeInParallel([store, peer], newUse(1), 50)), [0]);
      assert.deepEqual(counts(await consumeInParallel([store, peer], newUse(10), 50)), upTo(10));
    },
  },
  {
    name: "counts every key on its own",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const [one, other] = [newUse(1), newUse(1)];
      assert.equal(await consume(store, one), 0);
      assert.equal(await consume(store, other), 0);
      await release(store, other);
      assert.equal(await consume(store, one), false, "A release of one key must not free another.");
    },
  },
  {
    name: "tells keys apart by upper and lower case",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(1);
      assert.equal(await consume(store, { ...use, key: `${use.key}:a` }), 0);
      assert.equal(await consume(store, { ...use, key: `${use.key}:A` }), 0);
    },
  },
  {
    name: "tells long keys apart that differ in one character",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(1);
      const key = `${use.key}:${"0".repeat(400)}`;
      assert.equal(await consume(store, { ...use, key: `${key}1` }), 0);
      assert.equal(await consume(store, { ...use, key: `${key}2` }), 0);
      assert.equal(await consume(store, { ...use, key }), 0, "A key that another one starts with is a key of its own.");
      assert.equal(await consume(store, { ...use, key: `${key}1` }), false);
    },
  },
  {
    name: "counts up to the largest number of uses that can be sold",
    safety: false,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      assert.equal(await consume(store, newUse(1_000_000_000)), 999_999_999);
    },
  },
  {
    name: "gives a use back, which can be taken again",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(2);
      assert.equal(await consume(store, use), 1);
      assert.equal(await consume(store, use), 0);
      await release(store, use);
      assert.equal(await consume(store, use), 0);
      assert.equal(await consume(store, use), false);
    },
  },
  {
    name: "gives back one use per release and never more than were taken",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(3);
      for (const answer of [2, 1, 0]) assert.equal(await consume(store, use), answer);
      await release(store, use);
      for (const answer of [0, false]) assert.equal(await consume(store, use), answer);

      const other = newUse(3);
      assert.equal(await consume(store, other), 2);
      for (let i = 0; i < 3; i++) await release(store, other);
      for (const answer of [2, 1, 0, false]) assert.equal(await consume(store, other), answer);
    },
  },
  {
    name: "makes no credit of a release where nothing was taken",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(1);
      await release(store, use);
      await release(store, use);
      assert.equal(await consume(store, use), 0);
      assert.equal(await consume(store, use), false);
    },
  },
  {
    name: "keeps the count right when releases run in parallel",
    safety: true,
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(10);
      await consumeInParallel([store], use, 10);
      await Promise.all(Array.from({ length: 4 }, () => release(store, use)));
      assert.deepEqual(counts(await consumeInParallel([store], use, 20)), upTo(4));
    },
  },
  {
    name: "gives a use back that another instance took",
    safety: true,
    needs: "createPeer",
    async run(subject) {
      const { store, peer, newUse } = await openWithPeer(subject);
      const use = newUse(1);
      assert.equal(await consume(store, use), 0);
      await release(peer, use);
      assert.equal(await consume(store, use), 0);
      assert.equal(await consume(peer, use), false);
    },
  },
];

async function openWithPeer(subject: UseStoreSubject) {
  const createPeer = given(subject, "createPeer");
  const opened = await openStore(subject);
  const peer: UseStore = await createPeer(opened.store, { clock: opened.time.clock });
  return { ...opened, peer };
}
