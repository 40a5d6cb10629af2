// Every link to a file of the repository leads to one, and every anchor to a heading.
import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { root } from "../run.mjs";
import { anchors, links } from "./markdown.mjs";

export function linkProblems(files) {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return files.flatMap(({ path, text }) =>
    links(text).flatMap(({ target, line }) => {
      const problem = problemWith(path, target, texts);
      return problem ? [`${path}:${line} links to ${target}, ${problem}`] : [];
    }),
  );
}

function problemWith(from, target, texts) {
  if (/^(https?|mailto|lightning):/.test(target)) return undefined;
  const [file, anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), decodeURIComponent(file)));
  if (path.startsWith("..") || !existsSync(`${root}/${path}`)) return "which does not exist";
  if (anchor === undefined) return undefined;
  const readme = statSync(`${root}/${path}`).isDirectory() ? join(path, "README.md") : path;
  const text = texts.get(readme);
  if (text === undefined) return "but only headings of documents have anchors";
  return anchors(text).includes(anchor) ? undefined : "which has no such heading";
}
