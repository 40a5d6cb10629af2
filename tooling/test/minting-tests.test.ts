import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { root } from "../run.mjs";

/** The tests whose subject is the token itself, or the kit that checks formats. */
const MAY_MINT =
  /^packages\/(core\/test\/(token\/|usual-token\.)|testing\/test\/kits\/|paywall-page\/test\/(seal|long-invoice)\.)/;

it("all other tests get their tokens as a buyer does, from a paywall", () => {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "packages", "apps"], { cwd: root });
  const minting = listed
    .toString()
    .split("\n")
    .filter((file) => /\/test\/.*\.m?[jt]s$/.test(file) && readFileSync(`${root}/${file}`, "utf8").includes(".mint("));
  expect(minting.filter((file) => MAY_MINT.test(file)).length).toBeGreaterThan(3);
  expect(minting.filter((file) => !MAY_MINT.test(file))).toEqual([]);
});
