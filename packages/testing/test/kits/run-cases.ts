import type { KitCase } from "../../src/kits/kit.ts";

/** Runs a kit without a test runner and answers the names of the cases that fail. */
export async function failingCases<Subject>(cases: readonly KitCase<Subject>[], subject: Subject): Promise<string[]> {
  const failing: string[] = [];
  for (const { name, run } of cases) {
    await run(subject).catch(() => failing.push(name));
  }
  return failing;
}

/** Runs the case of that name alone, and rejects as it does. */
export async function runCase<Subject>(
  cases: readonly KitCase<Subject>[],
  name: string,
  subject: Subject,
): Promise<void> {
  const kitCase = cases.find((candidate) => candidate.name === name);
  if (!kitCase) throw new RangeError(`There is no case "${name}".`);
  await kitCase.run(subject);
}

/** The names of a kit, for tests that prove each of its cases can fail. */
export const namesOf = <Subject>(cases: readonly KitCase<Subject>[]): string[] => cases.map(({ name }) => name).sort();
