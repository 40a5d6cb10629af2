// llms.txt: what a program that reads needs to find its way, and the documents themselves as plain Markdown.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { root } from "../run.mjs";
import { SECTIONS } from "./site-pages.mjs";

export function writeForAgents(pages) {
  const publicFiles = `${root}/website/pages/public`;
  mkdirSync(publicFiles, { recursive: true });
  cpSync(`${root}/llms.txt`, `${publicFiles}/llms.txt`);
  cpSync(`${root}/docs/schemas`, `${publicFiles}/schemas`, { recursive: true });
  for (const { path } of pages) {
    mkdirSync(dirname(`${publicFiles}/${path}`), { recursive: true });
    cpSync(`${root}/website/pages/${path}.md`, `${publicFiles}/${path}.md`);
  }
  const whole = SECTIONS.flatMap((section) => section.pages).map(({ source }) =>
    readFileSync(`${root}/${source}`, "utf8"),
  );
  writeFileSync(`${publicFiles}/llms-full.txt`, whole.join("\n\n---\n\n"));
}
