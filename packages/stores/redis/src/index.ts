export { createRedisChallengeLimiter, type RedisChallengeLimiterOptions } from "./create-redis-challenge-limiter.ts";
export { createRedisClientStore, type RedisClientStoreOptions } from "./create-redis-client-store.ts";
export { createRedisUseStore, type RedisUseStoreOptions } from "./create-redis-use-store.ts";
export type {
  IoredisClient,
  NodeRedisClient,
  RedisClient,
  SendRedisCommand,
  UpstashClient,
} from "./redis-client.ts";
