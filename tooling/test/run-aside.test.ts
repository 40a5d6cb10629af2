import { expect, it, vi } from "vitest";
import { runAside } from "../run.mjs";

const node = (script: string) => runAside(process.execPath, ["-e", script]);

it("answers how each of several programs ended, and shows what each printed in one piece", async () => {
  const print = vi.spyOn(console, "log").mockReturnValue();
  const programs = [
    node("console.log('first'); setImmediate(() => console.log('also first'))"),
    node("console.error('second'); process.exitCode = 3"),
    node("process.kill(process.pid, 'SIGKILL')"),
    runAside("no-such-program", []),
  ];
  expect(await Promise.all(programs)).toEqual([0, 3, null, null]);
  const shown = print.mock.calls.map(([line]) => line);
  expect(shown).toContainEqual(expect.stringMatching(/^first\nalso first\n✓ .* \d+\.\d s$/));
  expect(shown).toContainEqual(expect.stringMatching(/^second\n✗ /));
  expect(shown).toContainEqual(expect.stringMatching(/^spawn no-such-program ENOENT\n✗ no-such-program/));
});
