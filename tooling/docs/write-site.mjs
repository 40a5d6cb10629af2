// Lays out the pages of the site in website/pages, with links that fit where each page is now.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { root } from "../run.mjs";
import { SECTIONS } from "./site-pages.mjs";

const target = `${root}/website/pages`;

export function writeSite() {
  rmSync(target, { recursive: true, force: true });
  const pages = [...SECTIONS.flatMap((section) => section.pages), ...decisions()];
  const places = new Map(pages.map(({ source, path }) => [source, path]));
  for (const { source, path } of pages) {
    write(`${path}.md`, moved(readFileSync(`${root}/${source}`, "utf8"), source, path, places));
  }
  cpSync(`${root}/docs/images`, `${target}/images`, { recursive: true });
  cpSync(`${root}/website/index.md`, `${target}/index.md`);
  return pages;
}

export const decisions = () =>
  readdirSync(`${root}/docs/decisions`).map((file) => ({
    title: file.replace(/^(\d+)-(.*)\.md$/, (_, number, words) => `${number} ${words.replaceAll("-", " ")}`),
    path: `decisions/${file.slice(0, -3)}`,
    source: `docs/decisions/${file}`,
  }));

function write(path, text) {
  mkdirSync(dirname(`${target}/${path}`), { recursive: true });
  writeFileSync(`${target}/${path}`, text);
}

/** A document at its place on the site. */
const moved = (text, source, path, places) =>
  text
    .replaceAll(/<!-- (given|file|output): .*? -->\n+/gs, "")
    // Not in code.
    .split(/(^ *```.*?^ *```$|`[^`\n]*`)/ms)
    .map((part, index) => (index % 2 === 1 ? part : withLinks(part, source, path, places)))
    .join("");

const withLinks = (text, source, path, places) =>
  text.replaceAll(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (whole, image, label, link) => {
    if (/^\w+:|^#/.test(link)) return whole;
    const [file, anchor] = link.split("#");
    const linked = normalize(join(dirname(source), file)).replace(/\/$/, "");
    if (image) return `![${label}](${relative(dirname(path), linked.replace("docs/images", "images"))})`;
    const page = places.get(linked) ?? places.get(join(linked, "README.md"));
    // Sources and tests are in the repository only.
    if (page === undefined) return label;
    const there = relative(dirname(path), page);
    return `[${label}](${there.startsWith(".") ? there : `./${there}`}.md${anchor ? `#${anchor}` : ""})`;
  });

