import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../run.mjs";

const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "packages", "apps"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file.endsWith(".ts"));
const read = (file: string) => readFileSync(`${root}/${file}`, "utf8");

/** The text of every comment that starts a safety rule. */
const rules = files
  .filter((file) => file.includes("/src/"))
  .flatMap((file) => {
    const text = read(file).replace(/^\s*(\/\/|\*\/?|\/\*\*?)\s?/gm, "¶");
    return [...text.matchAll(/¶SECURITY:(?:.*\n¶)*.*/g)].map(([rule]) => ({
      file,
      rule: rule.replaceAll(/\n?¶/g, " "),
    }));
  });

describe("every safety rule names the test that shows it", () => {
  it("there are some", () => expect(rules.length).toBeGreaterThan(10));

  it.each(rules)("$file: $rule", ({ rule }) => {
    const [, name, title] = /([\w.-]+\.test\.ts)(?:, "([^"]+)")?/.exec(rule) ?? [];
    expect(name).toBeDefined();
    const tests = files.filter((file) => basename(file) === name).map(read);
    expect(tests, `${name} does not exist`).not.toEqual([]);
    expect(
      tests.some((test) => test.includes(title ?? "")),
      `${name} has no test "${title}"`,
    ).toBe(true);
  });
});
