import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { type BalanceProof, verifyBalanceProof } from "@l402/managed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSigningKeys } from "../../src/proofs/signing-keys.ts";
import { openWorld, type World } from "../world.ts";

// What a service that cheats would try: leave a merchant out, owe one less than their statement says, hide what it owes to
// others, show different merchants different roots, sign with another key.

const DAY = 86_400;
let world: World;
beforeAll(async () => {
  world = await openWorld({ payoutThresholdMsat: 1_000_000_000_000 });
});
afterAll(() => world.close());

async function merchant(msat: number) {
  const { merchant, ownerKey } = await world.register();
  if (msat > 0) await world.sell(merchant, msat);
  return world.service.merchants.byOwnerKey(ownerKey);
}
/** Signs a new root, a day later. */
async function nextRoot() {
  world.clock.advanceSeconds(DAY);
  await world.service.roots.keepFresh();
  const root = await world.service.roots.root();
  return { ...JSON.parse(root?.statement as string), publicKey: root?.keys.at(-1)?.publicKey as string };
}
const proofOf = async ({ id }: { id: string }) => (await world.service.roots.proof(id)) as BalanceProof;
const owed = async () => {
  const { balance } = await world.service.solvency.measure();
  return balance.merchantsMsat + balance.merchantsPendingMsat;
};
const refuses = (proof: BalanceProof, who: { id: string }, publicKey: string, why: RegExp) =>
  expect(verifyBalanceProof(proof, { merchantId: who.id, publicKey })).rejects.toMatchObject({
    code: "PROVIDER_BAD_RESPONSE",
    message: expect.stringMatching(why),
  });

describe("a balance root", () => {
  it("is the sum of all that is owed, and every merchant's proof leads to it, however many there are", async () => {
    expect(await nextRoot()).toMatchObject({ number: 1, totalMsat: 0, root: "0".repeat(64), previous: null });
    const merchants = [];
    for (let n = 1; n <= 9; n++) {
      merchants.push(await merchant(n * 1_000));
      const { totalMsat, publicKey, number } = await nextRoot();
      expect(totalMsat).toBe(await owed());
      for (const each of merchants) {
        const proven = await verifyBalanceProof(await proofOf(each), { merchantId: each.id, publicKey });
        expect(proven).toMatchObject({ number, totalMsat, network: "regtest", nodeMsat: world.nodeBalanceMsat() });
        const last = (await world.service.statement(each.id)).at(-1);
        expect([proven.cursor, proven.balanceMsat]).toEqual([last?.cursor, last?.availableMsat]);
      }
    }
  });

  it("counts what is set aside for payouts under way as owed", async () => {
    const who = await merchant(500_000);
    world.outside.next("payInvoice", "unknown-stuck");
    const { bolt11 } = await world.outside.provider.createInvoice({
      ...{ amountMsat: 200_000, description: "", expiresInSeconds: 600 },
    });
    await (await world.service.withdrawals.forMerchant(who, { bolt11, maxFeeMsat: 0 }, "a")).sent;
    const { publicKey, totalMsat } = await nextRoot();
    expect(totalMsat).toBe(await owed());
    const proven = await verifyBalanceProof(await proofOf(who), { merchantId: who.id, publicKey });
    expect(proven.balanceMsat).toBe(498_500);
    const line = (await world.service.statement(who.id)).find(({ cursor }) => cursor === proven.cursor);
    expect([line?.availableMsat, line?.pendingMsat]).toEqual([298_500, 200_000]);
  });

  it("is of one instant, while payments and payouts go on", async () => {
    const merchants = await Promise.all(Array.from({ length: 4 }, () => merchant(100_000)));
    // Signs each time it is asked.
    const { roots } = world.another({ balanceRootSeconds: 0 });
    let isOver = false;
    const traffic = merchants.map(async (who, n) => {
      for (let i = 0; !isOver; i++) {
        await world.sell(who, 10_000);
        const order = { amountMsat: 5_000, description: "", expiresInSeconds: 600 };
        const { bolt11 } = await world.outside.provider.createInvoice(order);
        await (await world.service.withdrawals.forMerchant(who, { bolt11, maxFeeMsat: 0 }, `t${n}-${i}`)).sent;
      }
    });
    try {
      for (let i = 0; i < 8; i++) {
        await roots.keepFresh();
        for (const who of merchants) {
          const proof = await proofOf(who);
          const publicKey = proof.keys.at(-1)?.publicKey as string;
          const proven = await verifyBalanceProof(proof, { merchantId: who.id, publicKey });
          const line = (await world.service.statement(who.id)).find(({ cursor }) => cursor === proven.cursor);
          expect(line && line.availableMsat + line.pendingMsat).toBe(proven.balanceMsat);
        }
      }
    } finally {
      isOver = true;
      await Promise.all(traffic);
    }
    expect((await nextRoot()).totalMsat).toBe(await owed());
  });

  it("is signed once a day, by one of two services on the database, and names the one before it", async () => {
    const first = await nextRoot();
    const before = (await world.service.roots.root())?.statement as string;
    await Promise.all([world.service.roots.keepFresh(), world.another().roots.keepFresh()]);
    expect((await world.service.roots.root())?.statement).toBe(before);
    world.clock.advanceSeconds(DAY);
    await Promise.all([world.service, world.another(), world.another()].map(({ roots }) => roots.keepFresh()));
    await world.service.roots.keepFresh();
    const next = JSON.parse((await world.service.roots.root())?.statement as string);
    expect(next.number).toBe(first.number + 1);
    expect(next.previous).toBe(createHash("sha256").update(before).digest("hex"));
    expect((await world.service.roots.root(first.number))?.statement).toBe(before);
    expect(await world.service.roots.root(next.number + 1)).toBeUndefined();
  });

  it("is proven by its own tree, although the process that signs it loses its lock in the middle to another one", async () => {
    const own = await openWorld();
    const { merchant } = await own.register();
    await own.sell(merchant, 400_000);
    const database = { ...own.database, exclusively: async (_: string, act: () => Promise<never>) => act() };
    /** The node is asked before and after the tree is built. This one answers the last question when it is told to. */
    const signer = () => {
      let [questions, answer, reached] = [0, () => {}, () => {}];
      const isBuilt = new Promise<void>((resolve) => (reached = resolve));
      const mayEnd = new Promise<void>((resolve) => (answer = resolve));
      const nodeBalanceMsat = async () => {
        if (++questions === 3) {
          reached();
          await mayEnd;
        }
        return 400_000;
      };
      const ended = own.another({ database, nodeBalanceMsat }).roots.keepFresh();
      const end = () => {
        answer();
        return ended;
      };
      return { isBuilt, end };
    };
    const first = signer();
    await first.isBuilt;
    const second = signer();
    await second.isBuilt;
    await first.end();
    await second.end();
    const proof = (await own.service.roots.proof(merchant.id)) as BalanceProof;
    const publicKey = proof.keys[0]?.publicKey as string;
    expect(await verifyBalanceProof(proof, { merchantId: merchant.id, publicKey })).toMatchObject({
      ...{ number: 1, balanceMsat: 398_800 },
    });
    await own.close();
  });

  it("does not wait for the time of a clock that was ahead by a year", async () => {
    const own = await openWorld();
    const right = own.clock();
    own.clock.advanceSeconds(365 * DAY);
    await own.service.roots.keepFresh();
    own.clock.set(new Date(right.getTime() + 1_000));
    await own.another().roots.keepFresh();
    const root = await own.service.roots.root();
    expect(JSON.parse(root?.statement as string)).toMatchObject({ number: 2, at: own.clock().toISOString() });
    await own.close();
  });

  it("stays what it is: the database changes none, and signs no other one with its number", async () => {
    const { number } = await nextRoot();
    for (const text of [
      "update managed.balance_roots set statement = '{}'",
      "delete from managed.balance_roots",
      "truncate managed.balance_roots",
      "delete from managed.signing_keys",
    ])
      await expect(world.database.query(text)).rejects.toMatchObject({ code: "23001" });
    const again = `insert into managed.balance_roots select number, at, '{}', signature, key_id
      from managed.balance_roots where number = $1`;
    await expect(world.database.query(again, [number])).rejects.toMatchObject({ code: "23505" });
  });

  it("does without the node's word while that cannot be asked", async () => {
    const service = world.another({ nodeBalanceMsat: () => Promise.reject(new Error("down")) });
    world.clock.advanceSeconds(DAY);
    await service.roots.keepFresh();
    expect(JSON.parse((await service.roots.root())?.statement as string).nodeMsat).toBeNull();
  });
});

describe("a service that cheats", () => {
  it("has nothing to show to a merchant who was left out", async () => {
    const [who, another] = [await merchant(70_000), await merchant(10_000)];
    const { publicKey } = await nextRoot();
    const [theirs, others] = [await proofOf(who), await proofOf(another)];
    await refuses({ ...theirs, leaf: null, path: [] }, who, publicKey, /owes you nothing/);
    await refuses(others, who, publicKey, /about another merchantId/);
    if (others.leaf) others.leaf.merchantId = who.id;
    await refuses(others, who, publicKey, /not part of the total that the service signed/);
    // Whoever has nothing is in no tree.
    expect(await proofOf(await merchant(0))).toMatchObject({ leaf: null, path: [] });
  });

  it("cannot change an amount, a line, a neighbour or a sum afterwards, nor put one below zero", async () => {
    const who = await merchant(70_000);
    const { publicKey } = await nextRoot();
    let good = await proofOf(who);
    // Who is the last of an odd number has a short way.
    while (good.path.length < 3) {
      await nextRoot();
      good = await proofOf(who);
    }
    const changes: ((proof: BalanceProof & { leaf: object }) => void)[] = [
      ({ leaf }) => void Object.assign(leaf, { balanceMsat: 69_789 }),
      ({ leaf }) => void Object.assign(leaf, { cursor: 1 }),
      ({ leaf }) => void Object.assign(leaf, { nonce: "00".repeat(32) }),
      ({ path }) => void path.pop(),
      ({ path }) => void path.reverse(),
      ({ path }) => void Object.assign(path[0] as object, { sumMsat: (path[0]?.sumMsat ?? 0) + 1 }),
      ({ path }) => void Object.assign(path[0] as object, { side: path[0]?.side === "left" ? "right" : "left" }),
      ({ path }) => void Object.assign(path[0] as object, { hash: "ab".repeat(32) }),
    ];
    for (const change of changes) {
      const bad = structuredClone(good) as BalanceProof & { leaf: object };
      change(bad);
      await refuses(bad, who, publicKey, /not part of the total that the service signed/);
    }
    const below = structuredClone(good);
    Object.assign(below.path[0] as object, { sumMsat: -1 });
    await refuses(below, who, publicKey, /One of its amounts is not a whole number/);
  });

  it("cannot sign with a key that the merchant's own has not endorsed", async () => {
    const who = await merchant(20_000);
    const { publicKey } = await nextRoot();
    const good = await proofOf(who);
    const { privateKey, publicKey: pair } = generateKeyPairSync("ed25519");
    const foreign = pair.export({ format: "jwk" }).x as string;
    const signature = sign(null, Buffer.from(good.statement), privateKey).toString("base64url");
    await refuses({ ...good, signature }, who, publicKey, /signature/);
    await refuses(
      { ...good, signature, keys: [{ publicKey: foreign, endorsement: null }] },
      who,
      publicKey,
      /not among the keys of the service/,
    );
    for (const endorsement of [null, signature, "", "!"]) {
      const keys = [...good.keys, { publicKey: foreign, endorsement }];
      await refuses({ ...good, signature, keys }, who, publicKey, /without a signature by the previous key/);
    }
    await refuses(
      { ...good, statement: good.statement.replace('"number":', '"number": ') },
      who,
      publicKey,
      /signature/,
    );
    for (const junk of [
      {},
      { keys: [] },
      { ...good, statement: "null" },
      { ...good, path: null },
      { ...good, leaf: {} },
    ])
      await expect(verifyBalanceProof(junk as BalanceProof, { merchantId: who.id, publicKey })).rejects.toMatchObject({
        code: "PROVIDER_BAD_RESPONSE",
      });
  });
});

describe("a proof", () => {
  it("names nobody else, and nobody's neighbour or nonce is the same the next day", async () => {
    const [who, other] = [await merchant(30_000), await merchant(40_000)];
    await nextRoot();
    const proofs = [await proofOf(who)];
    expect(JSON.stringify(proofs)).not.toContain(other.id);
    for (let day = 0; day < 8; day++) {
      await nextRoot();
      proofs.push(await proofOf(who));
    }
    expect(new Set(proofs.map(({ leaf }) => leaf?.nonce)).size).toBe(proofs.length);
    expect(new Set(proofs.map(({ path }) => path[0]?.hash)).size).toBe(proofs.length);
    // By sums alone, neighbours are others as well.
    expect(new Set(proofs.map(({ path }) => path[0]?.sumMsat)).size).toBeGreaterThan(1);
  });
});

describe("the key that signs", () => {
  it("can be changed: who trusts the old one follows to the new one, and old roots keep theirs", async () => {
    const who = await merchant(20_000);
    const { publicKey, number } = await nextRoot();
    const before = await world.service.roots.root(number);
    const keys = [await world.service.roots.rotateKey(), await world.service.roots.rotateKey()];
    expect((await world.service.roots.root())?.keys).toEqual(before?.keys);
    expect((await nextRoot()).publicKey).toBe(keys[1]);
    const proof = await proofOf(who);
    for (const trusted of [publicKey, ...keys])
      expect(await verifyBalanceProof(proof, { merchantId: who.id, publicKey: trusted })).toMatchObject({
        balanceMsat: 19_940,
        publicKey: keys[1],
      });
    expect(await world.service.roots.root(number)).toEqual(before);
    expect((await world.service.notices.list(null))[0]).toMatchObject({ kind: "signing-key" });
    expect(JSON.stringify([proof, before, world.alarms])).not.toContain(await privateKeyText());
  });

  it("is the same for all processes, and survives them", async () => {
    const [one, two] = [createSigningKeys(world.service.settings), createSigningKeys(world.another().settings)];
    expect((await one.current()).sign("a")).toEqual((await two.current()).sign("a"));
  });
});

async function privateKeyText(): Promise<string> {
  const [row] = await world.database.query<{ private_key: Uint8Array }>(
    "select private_key from managed.signing_keys order by id desc limit 1",
  );
  return Buffer.from(row?.private_key.slice(-32) ?? []).toString("base64url");
}
