import type { ClientStore } from "@l402/core";

/** Remembers until the process ends. Clients that are given the same one share a budget. */
export function createMemoryClientStore(): ClientStore {
  let text: string | undefined;
  return {
    read: () => text,
    async update(change) {
      text = change(text);
    },
  };
}
