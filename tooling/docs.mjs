// The documentation site:
//   npm run docs              builds it into website/.vitepress/dist, and follows every link of what was built
//   npm run docs -- --serve   builds it and shows it on http://localhost:4173
import { crawl } from "./docs/crawl.mjs";
import { writeForAgents } from "./docs/write-for-agents.mjs";
import { writeReference } from "./docs/write-reference.mjs";
import { writeSite } from "./docs/write-site.mjs";
import { install } from "./install.mjs";
import { fail, root, run } from "./run.mjs";

const website = `${root}/website`;
const vitepress = (...args) =>
  run(`${website}/node_modules/.bin/vitepress`, args, {
    cwd: website,
    quiet: args[0] === "build",
    env: { NO_COLOR: "1" },
  });

install(website, "--ignore-workspace");
const site = writeSite();
await writeReference();
writeForAgents(site);
vitepress("build");
const { problems, count } = crawl(`${website}/.vitepress/dist`);
if (problems.length > 0) fail(problems.join("\n"));
console.log(`${count} pages in website/.vitepress/dist, no broken link, nothing loaded from elsewhere.`);
if (process.argv.includes("--serve")) vitepress("preview");
