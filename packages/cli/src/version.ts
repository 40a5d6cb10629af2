import { readFileSync } from "node:fs";

/** Reads the version from package.json, which is one folder up in the sources and in the published package. */
export const version = () =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version as string;
