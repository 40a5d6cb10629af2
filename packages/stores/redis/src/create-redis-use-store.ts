import { createGiveBack, type Use, type UseStore } from "@l402/core";
import { createCallIds } from "./call-ids.ts";
import { unavailable } from "./redis-error.ts";
import { openRedis, type RedisOptions } from "./redis-options.ts";
import { createUsePlaces } from "./use-places.ts";
import { createUseQueue } from "./use-queue.ts";
import { RELEASE_USE } from "./use-scripts.ts";
import { wholeNumber } from "./whole-number.ts";
import { withinTime } from "./within-time.ts";

export type RedisUseStoreOptions = RedisOptions;

/** Counts uses in Redis, for several servers at once. */
export function createRedisUseStore(options: RedisUseStoreOptions): UseStore {
  const { run, prefix } = openRedis("createRedisUseStore", options);
  const newId = createCallIds();
  const placeOf = createUsePlaces(prefix);
  const { giveBack, mayComeBack } = createGiveBack();
  const take = createUseQueue({ run, prefix, newId, placeOf, giveBack: release });

  async function consume(use: Use): Promise<number | false> {
    const wasComingBack = mayComeBack(use.key);
    const left = await take(use);
    // SECURITY: whose use comes back is not asked to pay again (create-redis-use-store.outage.test.ts, "given back").
    if (left === false && (wasComingBack || mayComeBack(use.key))) throw unavailable("a use is not given back yet");
    return left;
  }

  async function release(use: Use): Promise<void> {
    const { bucket, field } = placeOf(use);
    const keys = [bucket, `${bucket}-${newId()}`];
    const args = [String(Date.now()), field];
    const send = () => withinTime(run(RELEASE_USE, keys, args));
    const released = wholeNumber(await giveBack(use.key, send));
    if (released === -1)
      throw unavailable("its clock and the clock of this server differ by minutes, or it was unreachable for minutes");
    if (released !== 0 && released !== 1) throw unavailable("it sent an answer that makes no sense");
  }

  return { consume, release };
}
