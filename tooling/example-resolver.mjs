// Where Node finds no package, look where the packages of this repository would find it.
import { pathToFileURL } from "node:url";
import { packages } from "./packages.mjs";
import { root } from "./run.mjs";

const places = packages.map(({ path }) => pathToFileURL(`${root}/${path}/package.json`).href);

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || /^[./]|^\w+:/.test(specifier)) throw error;
    for (const parentURL of places) {
      try {
        return await nextResolve(specifier, { ...context, parentURL });
      } catch {
        // Not there either.
      }
    }
    throw error;
  }
}
