// Follows every link and loads every file of the built site, as a browser would, beginning at its first page; and looks up
// the links of what is there as plain Markdown.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, normalize } from "node:path";
import { links } from "./markdown.mjs";

const LOADED = /<(?:script|img|link|source|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"/g;
const FOLLOWED = /<a\b[^>]*?\bhref="([^"]+)"/g;

export function crawl(directory) {
  const problems = [];
  const seen = new Map();
  const queue = ["/index.html"];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (seen.has(path)) continue;
    const html = readFileSync(join(directory, path), "utf8");
    seen.set(path, new Set([...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => decode(id))));
    for (const [, target] of html.matchAll(LOADED)) {
      if (/^(https?:)?\/\//.test(target)) problems.push(`${path} loads ${target} from elsewhere.`);
      else if (!target.startsWith("data:") && !fileOf(directory, path, target))
        problems.push(`${path} loads ${target}, which is missing.`);
    }
    for (const [, target] of html.matchAll(FOLLOWED)) {
      if (/^\w+:/.test(target)) continue;
      const file = fileOf(directory, path, target.split("#")[0] || path);
      if (!file) problems.push(`${path} links to ${target}, which is missing.`);
      else if (extname(file) === ".html") queue.push(file);
    }
  }
  for (const path of seen.keys()) {
    for (const [, target] of readFileSync(join(directory, path), "utf8").matchAll(FOLLOWED)) {
      const [file, anchor] = target.split("#");
      if (/^\w+:/.test(target) || !anchor) continue;
      const page = fileOf(directory, path, file || path);
      if (page && seen.has(page) && !seen.get(page).has(decode(decodeURIComponent(anchor)))) {
        problems.push(`${path} links to ${target}, but there is no such heading.`);
      }
    }
  }
  for (const path of readdirSync(directory, { recursive: true }).filter((name) => /\.(md|txt)$/.test(name))) {
    for (const { target } of links(readFileSync(join(directory, path), "utf8"))) {
      if (/^\w+:/.test(target) || fileOf(directory, `/${path}`, target.split("#")[0] || `/${path}`)) continue;
      problems.push(`/${path} links to ${target}, which is missing.`);
    }
  }
  return { problems: [...new Set(problems)], count: seen.size };
}

const decode = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'");

function fileOf(directory, from, target) {
  const path = normalize(target.startsWith("/") ? target : join(dirname(from), target)).split("?")[0];
  const candidates = [path, `${path}.html`, join(path, "index.html")];
  return candidates.find((each) => existsSync(join(directory, each)) && statSync(join(directory, each)).isFile());
}
