/** Something that answers SQL. Whole numbers come as numbers and instants as `Date`s. */
export interface Sql {
  /** What reads or changes a whole table is given more time than half a minute. */
  query<Row>(text: string, values?: readonly unknown[], options?: { isLong?: boolean }): Promise<Row[]>;
}

/** Postgres, wherever it runs. */
export interface Database extends Sql {
  readonly name: string;
  /** Runs several statements as one; undone if `act` fails. */
  transaction<Result>(act: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** Runs a text of many statements. */
  script(text: string): Promise<void>;
  /** Does something that only one process may do at a time. Answers `busy` where another one is at it. */
  exclusively<Result>(lock: string, act: () => Promise<Result>): Promise<Result | typeof busy>;
  close(): Promise<void>;
}

export const busy = Symbol("busy");

/** A 64-bit number. Exact, or an error: above 2^53 there would be rounding. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error("A number in the database is too large to be exact.");
  return number;
}

/** Postgres's code for an error, such as 23505; an empty text for errors from elsewhere. */
export const sqlState = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? "");
