// Takes uses as fast as it can, when it is told to: one of the processes of race.test.ts.
import { Redis } from "ioredis";
import { createRedisUseStore } from "../src/index.ts";

const redis = new Redis(Number(process.argv[2]));
const store = createRedisUseStore({ redis });

process.on(
  "message",
  async ({ use, times }: { use: { key: string; limit: number; expiresAt: number }; times: number }) => {
    const again = { ...use, expiresAt: new Date(use.expiresAt) };
    const answers = await Promise.all(Array.from({ length: times }, () => store.consume(again)));
    process.send?.(answers.filter((answer) => answer !== false));
  },
);
redis.ping().then(() => process.send?.("ready"));
