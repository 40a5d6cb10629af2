import assert from "node:assert/strict";

/** The functions of a test runner. Those of vitest, node:test, jest and bun work unchanged. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it: {
    (name: string, run: () => Promise<void>): unknown;
    skip(name: string, run: () => Promise<void>): unknown;
  };
}

/** The facts that every kit needs about its subject. */
export interface KitSubject {
  /** The name in the test report. */
  name: string;
  /**
   * Cases to leave out: name → reason. A case about safety can be left out only if it needs a hook that the subject
   * cannot have.
   */
  skip?: Readonly<Record<string, string>>;
}

/** One requirement of a kit. */
export interface KitCase<Subject> {
  /** A full sentence without its subject, so that a list of failures reads as a to-do list. */
  name: string;
  /** True if breaking this requirement costs somebody money. */
  safety: boolean;
  /** The optional hook that the case needs. Without the hook, the case fails instead of vanishing. */
  needs?: keyof Subject & string;
  run(subject: Subject): Promise<void>;
}

/** Undoes the effect of a hook. */
export type Repair = () => unknown;

/** Registers the cases with a test runner. Throws if a skip is unknown, has no reason or is about safety. */
export function registerKit<Subject extends KitSubject>(
  { describe, it }: TestRunner,
  title: string,
  cases: readonly KitCase<Subject>[],
  subject: Subject,
): void {
  const skip = new Map(Object.entries(subject.skip ?? {}));
  for (const [name, reason] of skip) checkSkip(name, reason, cases, subject);

  describe(`${subject.name} is a ${title} that`, () => {
    for (const kitCase of cases) {
      const reason = skip.get(kitCase.name);
      const run = () => kitCase.run(subject);
      if (reason === undefined) it(kitCase.name, run);
      else it.skip(`${kitCase.name} (skipped: ${reason})`, run);
    }
  });
}

function checkSkip<Subject>(name: string, reason: string, cases: readonly KitCase<Subject>[], subject: Subject): void {
  const kitCase = cases.find((candidate) => candidate.name === name);
  if (!kitCase) throw new Error(`skip: there is no case "${name}".`);
  if (typeof reason !== "string" || reason.trim() === "") throw new Error(`skip: give a reason for "${name}".`);
  // SECURITY: it must be impossible to publish a store that double-spends because one line silenced the case
  // (kit.test.ts, "does not skip safety").
  const cannotRun = kitCase.needs !== undefined && subject[kitCase.needs] === undefined;
  if (kitCase.safety && !cannotRun) throw new Error(`"${name}" is about safety and cannot be skipped.`);
}

/** Returns an optional hook that a case needs. Throws if it is missing. */
export function given<Subject extends object, Name extends keyof Subject & string>(
  subject: Subject,
  name: Name,
): NonNullable<Subject[Name]> {
  const hook = subject[name];
  assert.ok(
    typeof hook === "function",
    `This case needs the hook "${name}". Give it, or skip this case with a reason.`,
  );
  return hook.bind(subject);
}

/** Acts while the effect of a hook lasts, such as an outage of the backend, and then undoes it. */
export async function during<Target, Result>(
  hook: (target: Target) => Repair | Promise<Repair>,
  target: Target,
  act: () => Promise<Result>,
): Promise<Result> {
  const repair = await hook(target);
  try {
    return await act();
  } finally {
    await repair();
  }
}
