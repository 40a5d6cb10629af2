import type { ClientStore } from "@l402/core";

/** Keeps the client's state in memory until the process ends. Clients with the same store share a budget. */
export function createMemoryClientStore(): ClientStore {
  let text: string | undefined;
  return {
    read: () => text,
    async update(change) {
      text = change(text);
    },
  };
}
