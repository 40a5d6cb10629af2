import { readFileSync } from "node:fs";

/** Lies one folder up, both in the sources and in what is published. */
export const version = () =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version as string;
