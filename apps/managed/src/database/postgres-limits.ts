/** For what reads or changes a whole table. */
export const LONG_QUERY_MS = 900_000;

/**
 * How long a server may take. A connection that a failover or a router has forgotten answers nothing, not even that it is
 * closed: who waits for it for ever credits and pays nobody.
 */
export const TIME_LIMITS = {
  connectionTimeoutMillis: 10_000,
  query_timeout: 30_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
} as const;

/** Whether it is unknown what became of a query, because its time ran out. The connection is of no use then. */
export const isUnanswered = (error: unknown): boolean =>
  error instanceof Error && error.message === "Query read timeout";
