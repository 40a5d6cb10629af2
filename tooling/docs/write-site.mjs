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
  /** A document as it reads at a place on the site. */
  const pageAt = (path, source) => moved(readFileSync(`${root}/${source}`, "utf8"), source, path, places);
  for (const { source, path } of [...pages, { source: "website/index.md", path: "index" }]) {
    write(`${path}.md`, pageAt(path, source));
  }
  cpSync(`${root}/docs/images`, `${target}/images`, { recursive: true });
  return { pages, pageAt };
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

const moved = (text, source, path, places) =>
  text
    .replaceAll(/<!-- (given|file|output|install): .*? -->\n+|<!-- \/install -->\n+|<!-- \/?before npm -->\n+/gs, "")
    // Boxes to tick are GitHub's.
    .replaceAll(/^- \[ \] /gm, "- ")
    // Not in code.
    .split(/(^ *```.*?^ *```$)/ms)
    .map((part, index) => (index % 2 === 1 ? part : fenced(withLinks(part, source, path, places))))
    .join("");

/** Commands are indented; only fences look like code on the site. */
const fenced = (text) =>
  text.replaceAll(/(?<=\n\n)(?: {4}[^\n]*\n)+/g, (block) => `\`\`\`sh\n${block.replaceAll(/^ {4}/gm, "")}\`\`\`\n`);

const withLinks = (text, source, path, places) =>
  text
    .replaceAll(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (whole, image, label, link) => {
      if (/^\w+:|^#/.test(link)) return whole;
      if (image) return `![${label}](${pictureAt(link, source, path)})`;
      const place = placeOf(link, source, path, places);
      // Sources and tests are in the repository only.
      return place ? `[${label}](${place})` : label;
    })
    .replaceAll(/(<img[^>]*? src=")([^"]+)"/g, (_whole, start, link) => `${start}${pictureAt(link, source, path)}"`);

const linkedFile = (link, source) => normalize(join(dirname(source), link)).replace(/\/$/, "");
const fromPage = (path, to) => relative(dirname(path), to).replace(/^(?!\.)/, "./");

const pictureAt = (link, source, path) => fromPage(path, linkedFile(link, source).replace("docs/images", "images"));

function placeOf(link, source, path, places) {
  const [file, anchor] = link.split("#");
  const linked = linkedFile(file, source);
  if (linked.startsWith("docs/schemas/")) return fromPage(path, linked.replace("docs/", ""));
  const page = places.get(linked) ?? places.get(join(linked, "README.md"));
  return page && `${fromPage(path, page)}.md${anchor ? `#${anchor}` : ""}`;
}
