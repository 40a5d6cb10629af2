import { afterAll } from "vitest";

const endings: (() => unknown)[] = [];

// Registered by the import, because a hook cannot register another one.
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

/** Does something after the last test of the file, the latest first. */
export function atEnd(end: () => unknown): void {
  endings.push(end);
}
