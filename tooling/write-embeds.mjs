// Puts the examples as they are now into the documents that show them, and how to install: npm run docs:write
import { writeFileSync } from "node:fs";
import { withEmbeds } from "./docs/embeds.mjs";
import { withInstallBlocks } from "./docs/install-blocks.mjs";
import { markdownFiles } from "./docs/markdown.mjs";
import { root } from "./run.mjs";

for (const { path, text } of markdownFiles()) {
  const written = withInstallBlocks(path, withEmbeds(text));
  if (written !== text) writeFileSync(`${root}/${path}`, written);
}
