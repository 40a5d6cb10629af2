import { L402Error, type UseStore } from "@l402/core";

/** The part of a client of Example that the store needs. The application creates and closes the client. */
export interface ExampleClient {
  run(command: string, values: readonly (string | number)[]): Promise<unknown>;
}

export interface ExampleUseStoreOptions {
  client: ExampleClient;
  /** The prefix of every key. Default "l402:". */
  keyPrefix?: string;
}

/** Counts uses in Example, for several servers at once. */
export function createExampleUseStore(options: ExampleUseStoreOptions): UseStore {
  const { client, keyPrefix = "l402:" } = options;
  if (typeof client?.run !== "function") throw invalid("client is missing; pass a connected client of Example");
  return {
    async consume({ key }) {
      throw new Error(`consume is not written yet: count ${keyPrefix}${key} up in one atomic step of the database.`);
    },

    async release({ key }) {
      throw new Error(`release is not written yet: count ${keyPrefix}${key} down in one atomic step, never below 0.`);
    },
  };
}

const invalid = (what: string) => new L402Error("CONFIG_INVALID", `createExampleUseStore: ${what}.`);
