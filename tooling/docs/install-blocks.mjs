// How to install packages, said in one place:
//   <!-- install: @l402/core @l402/express express; dev: @l402/testing -->   is followed by what a reader types, up to
//   <!-- /install -->
//   <!-- before npm -->                                                      what is only true until the packages are
//   <!-- /before npm -->                                                     on npm
// On the day of the release, set IS_ON_NPM to true, and `npm run docs:write` changes all documents.
import { markdownFiles } from "./markdown.mjs";

const IS_ON_NPM = false;

const INSTALL = /(<!-- install: (.+?) -->\n).*?(?=<!-- \/install -->)/gs;
const BEFORE_NPM = /\n*<!-- before npm -->.*?<!-- \/before npm -->/gs;

export function withInstallBlocks(path, text, isOnNpm = IS_ON_NPM) {
  const written = text.replaceAll(INSTALL, (_block, start, list) => {
    const [packages, dev = []] = list.split(/(?:; |^)dev: /).map((names) => names.split(" ").filter(Boolean));
    return `${start}\n${isOnNpm ? fromNpm(packages, dev) : fromClone(path, [...packages, ...dev])}\n`;
  });
  return isOnNpm ? written.replaceAll(BEFORE_NPM, "") : written;
}

const fromNpm = (packages, dev) =>
  [
    ["npm install", ...packages],
    ["npm install --save-dev", ...dev],
  ]
    .filter((words) => words.length > 1)
    .map((words) => `    ${words.join(" ")}\n`)
    .join("");

function fromClone(path, names) {
  const isOurs = (name) => name.startsWith("@l402/");
  const others = names.filter((name) => !isOurs(name));
  const ours = names.filter(isOurs).map((name) => name.slice("@l402/".length));
  // The others bring core along.
  const packed = ours.length > 1 ? ours.filter((name) => name !== "core") : ours;
  const readme = `${"../".repeat(path.split("/").length - 1)}README.md#in-your-own-project`;
  const clone = path === "README.md" ? "a clone" : `[a clone](${readme})`;
  return `Not on npm yet. In ${clone}, \`npm run example <file>\` needs no installation. For a project of
your own, type the first line in the clone, and the second in the project:

    npm run pack -- ../my-app/l402 ${packed.join(" ")}
    npm install ${["./l402/*.tgz", ...others].join(" ")}
`;
}

export const installProblems = () =>
  markdownFiles().flatMap(({ path, text }) =>
    withInstallBlocks(path, text) === text ? [] : [`${path} says another way to install; npm run docs:write`],
  );
