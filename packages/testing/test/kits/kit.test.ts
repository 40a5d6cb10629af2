import { describe, expect, it } from "vitest";
import { type KitCase, type KitSubject, registerKit, type TestRunner } from "../../src/kits/kit.ts";

interface Subject extends KitSubject {
  hook?: () => void;
}

const cases: KitCase<Subject>[] = [
  { name: "is nice", safety: false, run: async () => {} },
  { name: "is safe", safety: true, run: async () => {} },
  { name: "is safe with a hook", safety: true, needs: "hook", run: async () => {} },
];

function register(subject: Omit<Subject, "name">): string[] {
  const registered: string[] = [];
  const runner: TestRunner = {
    describe(name, body) {
      registered.push(name);
      body();
    },
    it: Object.assign((name: string) => registered.push(name), {
      skip: (name: string) => registered.push(`- ${name}`),
    }),
  };
  registerKit(runner, "thing", cases, { name: "mine", ...subject });
  return registered;
}

describe("registerKit", () => {
  it("registers every case", () => {
    expect(register({})).toEqual(["mine is a thing that", "is nice", "is safe", "is safe with a hook"]);
  });

  it("shows the reason of a skip", () => {
    expect(register({ skip: { "is nice": "too old" } })[1]).toBe("- is nice (skipped: too old)");
  });

  it("wants a reason", () => {
    expect(() => register({ skip: { "is nice": " " } })).toThrow('give a reason for "is nice"');
  });

  it("knows its cases", () => {
    expect(() => register({ skip: { "is fast": "slow" } })).toThrow('no case "is fast"');
  });

  it("does not skip safety", () => {
    expect(() => register({ skip: { "is safe": "later" } })).toThrow("about safety");
    expect(() => register({ skip: { "is safe with a hook": "later" }, hook: () => {} })).toThrow("about safety");
  });

  it("skips safety only where a hook is impossible, and with a reason", () => {
    expect(register({ skip: { "is safe with a hook": "it has no backend" } })[3]).toMatch(/^- is safe with a hook/);
    expect(() => register({ skip: { "is safe with a hook": "" } })).toThrow("give a reason");
  });
});
