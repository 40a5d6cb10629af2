// The Markdown of the repository, and what is in it.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { root } from "../run.mjs";

/** Written by tools, or copied into new packages. */
const OTHERS = /(^|\/)CHANGELOG\.md$|^\.changeset\/|^\.github\/|^tooling\/templates\//;

/** All documents, and the one for programs that read. */
export function markdownFiles() {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md", "llms.txt"], {
    cwd: root,
  });
  return listed
    .toString()
    .split("\n")
    .filter((path) => path !== "" && !OTHERS.test(path) && existsSync(`${root}/${path}`))
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, "utf8") }));
}

/** Each with its line, and with the comment above it: `<!-- file: docs/examples/shop.mjs -->`. */
export function codeBlocks(text) {
  const blocks = [];
  const pattern =
    /^(?:<!-- (?<kind>file|output): (?<source>\S+) -->\n+)?(?<indent> *)```(?<info>[^\n`]*)\n(?<code>.*?)^ *```$/gms;
  for (const match of text.matchAll(pattern)) {
    const { kind, source, indent, info, code } = match.groups;
    const line = text.slice(0, match.index + match[0].indexOf("```")).split("\n").length;
    const start = match.index + match[0].indexOf("\n", match[0].indexOf("```")) + 1;
    blocks.push({
      kind,
      source,
      language: info.trim().split(" ")[0],
      code: unindent(code, indent),
      line,
      start,
      length: code.length,
    });
  }
  return blocks;
}

const unindent = (code, indent) => (indent ? code.replaceAll(new RegExp(`^${indent}`, "gm"), "") : code);

const withoutCode = (text) =>
  text
    .replaceAll(/^ *```.*?^ *```$/gms, (code) => code.replaceAll(/[^\n]/g, ""))
    .replaceAll(/`[^`\n]*`/g, (code) => " ".repeat(code.length));

/** Links and pictures, with their lines. */
export function links(text) {
  const found = [];
  withoutCode(text)
    .split("\n")
    .forEach((content, index) => {
      for (const [, target] of content.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g))
        found.push({ target, line: index + 1 });
      for (const [, target] of content.matchAll(/(?:href|src)="([^"]+)"/g)) found.push({ target, line: index + 1 });
    });
  return found;
}

/** The anchor of a heading, on GitHub and on the site. */
export const slugOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

/** What a `#…` can point at. */
export function anchors(text) {
  const seen = new Map();
  const headings = text.replaceAll(/^ *```.*?^ *```$/gms, "").matchAll(/^#{1,6} +(.+?) *#*$/gm);
  return [...headings].map(([, heading]) => {
    const slug = slugOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}
