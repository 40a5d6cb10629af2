import { checkOption, refuseUnknownOptions, type UseStore } from "@l402/core";

/** The part of a client of Example that the store needs. */
export interface ExampleClient {
  run(command: string, values: readonly (string | number)[]): Promise<unknown>;
}

export interface ExampleUseStoreOptions {
  /** A connected client of Example. The application closes it. */
  client: ExampleClient;
  /** The prefix of every key. Default "l402:". */
  prefix?: string | undefined;
}

/** Counts uses in Example, for several servers at once. */
export function createExampleUseStore(options: ExampleUseStoreOptions): UseStore {
  refuseUnknownOptions("createExampleUseStore", options, ["client", "prefix"]);
  const { client, prefix = "l402:" } = options;
  checkOption(typeof client?.run === "function", "createExampleUseStore: client", "a connected client of Example");
  checkOption(typeof prefix === "string", "createExampleUseStore: prefix", 'a string, such as "l402:"');
  return {
    async consume({ key }) {
      throw new Error(`consume is not written yet: count ${prefix}${key} up in one atomic step of the database.`);
    },

    async release({ key }) {
      throw new Error(`release is not written yet: count ${prefix}${key} down in one atomic step, never below 0.`);
    },
  };
}
