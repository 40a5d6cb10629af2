// Examples are files that run, in docs/examples. Where a document shows one, a comment above the block names it:
//   <!-- file: docs/examples/shop.mjs -->      the block is that file
//   <!-- output: docs/examples/shop.mjs -->    the block is what it prints; tooling/test/examples.test.ts runs it
import { readFileSync } from "node:fs";
import { root } from "../run.mjs";
import { codeBlocks } from "./markdown.mjs";

export function embedProblems(files) {
  return files.flatMap(({ path, text }) =>
    embedded(text, "file").flatMap(({ source, code, line }) =>
      code === readFileSync(`${root}/${source}`, "utf8")
        ? []
        : [`${path}:${line} is not ${source}; npm run docs:write`],
    ),
  );
}

/** The text with every embedded file as it is now. */
export function withEmbeds(text) {
  let result = text;
  for (const { source, start, length } of embedded(text, "file").reverse()) {
    result = result.slice(0, start) + readFileSync(`${root}/${source}`, "utf8") + result.slice(start + length);
  }
  return result;
}

export const embedded = (text, kind) => codeBlocks(text).filter((block) => block.kind === kind);
