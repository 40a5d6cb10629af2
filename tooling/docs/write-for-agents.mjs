// llms.txt: what a program that reads needs to find its way, and the documents themselves as plain Markdown. Links lead to
// their places on the site.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { root } from "../run.mjs";
import { SECTIONS } from "./site-pages.mjs";

export function writeForAgents({ pages, pageAt }) {
  const publicFiles = `${root}/website/pages/public`;
  mkdirSync(publicFiles, { recursive: true });
  for (const folder of ["schemas", "images"])
    cpSync(`${root}/docs/${folder}`, `${publicFiles}/${folder}`, { recursive: true });
  for (const { path } of pages) {
    mkdirSync(dirname(`${publicFiles}/${path}`), { recursive: true });
    cpSync(`${root}/website/pages/${path}.md`, `${publicFiles}/${path}.md`);
  }
  writeFileSync(`${publicFiles}/llms.txt`, pageAt("llms.txt", "llms.txt"));
  const whole = SECTIONS.flatMap((section) => section.pages).map(({ source }) => pageAt("llms-full.txt", source));
  writeFileSync(`${publicFiles}/llms-full.txt`, whole.join("\n\n---\n\n"));
}
