import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createRedisUseStore, type SendRedisCommand } from "../src/index.ts";
import { createServerProbe } from "../src/one-server.ts";
import { scriptRunner } from "../src/redis-client.ts";
import { describeWithRedis, startRedis } from "./redis-server.ts";

const newUse = () => ({ key: randomBytes(32).toString("hex"), limit: 1, expiresAt: new Date(Date.now() + 60_000) });

describeWithRedis("uses that come at once", () => {
  let one: SendRedisCommand;
  let other: SendRedisCommand;
  beforeAll(async () => {
    [one, other] = (await Promise.all([startRedis(), startRedis()])).map((server): SendRedisCommand => {
      const redis = server.connect();
      return ([command = "", ...args]) => redis.call(command, ...args);
    }) as [SendRedisCommand, SendRedisCommand];
  });

  /** What a proxy does that knows nothing of slots: the first key decides. */
  const proxy: SendRedisCommand = (command) => {
    const sum = [...String(command[3])].reduce((before, letter) => before + letter.charCodeAt(0), 0);
    return sum % 2 ? one(command) : other(command);
  };

  /** Its last argument has each of them, with a space behind it. */
  const usesIn = (command: string[]) => String(command.at(-1)).trim().split(" ").length;

  async function callsFor(redis: SendRedisCommand, rounds: number) {
    const counts: number[] = [];
    const spy: SendRedisCommand = (command) => {
      if (!String(command[3]).includes("probe")) counts.push(usesIn(command));
      return redis(command);
    };
    const store = createRedisUseStore({ redis: spy });
    for (let round = 0; round < rounds; round++) {
      const uses = Array.from({ length: 16 }, newUse);
      for (const expected of [0, false]) {
        const answers = await Promise.all(uses.map((use) => store.consume(use)));
        expect(answers).toEqual(uses.map(() => expected));
        uses.sort(() => Math.random() - 0.5);
      }
    }
    return counts;
  }

  it("share a call at one server", async () => expect(Math.max(...(await callsFor(one, 10)))).toBe(16));

  it("have one each behind a proxy that spreads keys over servers, so that none is granted twice", async () => {
    expect(Math.max(...(await callsFor(proxy, 10)))).toBe(1);
  });

  it("have one each where several keys are refused", async () => {
    const cluster: SendRedisCommand = async (command) => {
      if (Number(command[2]) > 1) throw new Error("CROSSSLOT Keys in request don't hash to the same slot");
      return one(command);
    };
    expect(Math.max(...(await callsFor(cluster, 10)))).toBe(1);
  });

  it("have one each again when the server has become a cluster", async () => {
    let isCluster = false;
    const redis: SendRedisCommand = async (command) => {
      if (isCluster && Number(command[2]) > 1) throw new Error("CROSSSLOT Keys in request don't hash to the same slot");
      return one(command);
    };
    const store = createRedisUseStore({ redis });
    const many = () => Promise.allSettled(Array.from({ length: 16 }, () => store.consume(newUse())));
    for (let round = 0; round < 10; round++) await many();
    isCluster = true;
    expect((await many()).map(({ status }) => status)).toEqual(Array(16).fill("rejected"));
    expect((await many()).map(({ status }) => status)).toEqual(Array(16).fill("fulfilled"));
  });
});

describe("the search for one server", () => {
  it.each([["OK"], [null], [1], [[0]]])("does not believe the odd answer %j", async (answer) => {
    const probe = createServerProbe(
      scriptRunner("test", async () => answer),
      "l402:",
    );
    for (let i = 0; i < 10; i++) {
      expect(probe.isOneServer()).toBe(false);
      await new Promise(setImmediate);
    }
  });

  it("is not repeated at once when it fails", async () => {
    let calls = 0;
    const fail = async () => {
      calls++;
      throw new Error("Connection is closed.");
    };
    const probe = createServerProbe(scriptRunner("test", fail), "l402:");
    for (let i = 0; i < 10; i++) {
      expect(probe.isOneServer()).toBe(false);
      await new Promise(setImmediate);
    }
    expect(calls).toBe(1);
  });
});
