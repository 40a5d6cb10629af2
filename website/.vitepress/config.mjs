import { defineConfig } from "vitepress";
import { slugOf } from "../../tooling/docs/markdown.mjs";
import { SECTIONS } from "../../tooling/docs/site-pages.mjs";
import { references } from "../../tooling/docs/write-reference.mjs";
import { decisions } from "../../tooling/docs/write-site.mjs";

const BOLT = "M13 2 4 14h6l-1 8 9-12h-6z";
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#f59e0b" d="${BOLT}"/></svg>`;
const items = (pages) => pages.map(({ title, path }) => ({ text: title, link: `/${path}` }));

export default defineConfig({
  title: "L402 for TypeScript",
  description: "Charge for an HTTP endpoint over Lightning, and let any program pay for one.",
  // In the page itself, so that browsers ask for no other.
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  srcDir: "pages",
  // Copied as they are, for programs that read.
  srcExclude: ["public/**"],
  cleanUrls: false,
  // A page whose links lead nowhere is not built.
  ignoreDeadLinks: [/^http:\/\/localhost/],
  markdown: { anchor: { slugify: slugOf } },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    sidebar: [
      ...SECTIONS.map(({ title, pages }) => ({ text: title, items: items(pages) })),
      { text: "Decisions", collapsed: true, items: items(decisions()) },
      { text: "API", collapsed: true, items: items(references()) },
    ],
    nav: [
      { text: "Sell", link: "/guide/sell" },
      { text: "Buy", link: "/guide/buy" },
      { text: "Agents", link: "/guide/agents" },
      { text: "Backends", link: "/guide/backends" },
      { text: "Errors", link: "/reference/errors" },
    ],
  },
});
