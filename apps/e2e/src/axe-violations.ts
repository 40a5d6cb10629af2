import axe from "axe-core";
import type { Page } from "./chromium.ts";

/** What axe-core finds on a page, with where and why. */
export async function axeViolations(page: Page): Promise<unknown> {
  await page.evaluate(`${axe.source}; undefined`);
  const run =
    "axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html + node.failureSummary)])))";
  return JSON.parse(await page.evaluate<string>(run));
}
