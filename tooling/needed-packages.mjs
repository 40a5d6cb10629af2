// The packages that somebody asks for, and those that these need.

const SCOPE = "@l402/";

/** Names without the scope, such as "bolt11, core, express". */
export const shortNames = (packages) =>
  packages
    .map(({ manifest }) => manifest.name.slice(SCOPE.length))
    .sort()
    .join(", ");

/**
 * Answers the packages of these names, `express` or `@l402/express`, with every package of ours that they need, or the
 * problem with a name. What is optional comes only by its own name.
 */
export function neededPackages(names, published) {
  const byName = new Map(published.map((each) => [each.manifest.name, each]));
  const fullName = (name) => (name.startsWith(SCOPE) ? name : SCOPE + name);
  const unknown = names.filter((name) => !byName.has(fullName(name)));
  if (unknown.length > 0) return { problem: `No package: ${unknown.join(", ")}. There are ${shortNames(published)}.` };

  // A set that grows while it is walked through is walked through to its end.
  const needed = new Set(names.map(fullName));
  for (const name of needed) {
    const { dependencies, peerDependencies, peerDependenciesMeta } = byName.get(name).manifest;
    for (const other of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (byName.has(other) && !peerDependenciesMeta?.[other]?.optional) needed.add(other);
    }
  }
  return { packages: published.filter(({ manifest }) => needed.has(manifest.name)) };
}
