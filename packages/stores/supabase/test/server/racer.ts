// One of two processes that race for the uses of tokens. Prints what the store answered.
import { createSupabaseUseStore } from "../../src/index.ts";
import type { RaceAnswers, RaceSettings } from "./race.ts";

const { url, key, secret, uses, times } = JSON.parse(process.argv[2] as string) as RaceSettings;
const store = createSupabaseUseStore({ url, key, secret });
const answers: RaceAnswers = [];
for (const use of uses) {
  const own = { ...use, expiresAt: new Date(use.expiresAt) };
  const got: (number | false)[] = [];
  answers.push(got);
  let started = 0;
  const run = async () => {
    while (started++ < times) got.push(await store.consume(own));
  };
  await Promise.all(Array.from({ length: 25 }, run));
}
console.log(JSON.stringify(answers));
