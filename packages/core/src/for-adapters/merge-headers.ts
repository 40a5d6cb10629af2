export type HeaderValue = string | number | readonly string[] | null | undefined;

/**
 * Computes the headers to set on a response that may have some already. Lists grow, the app's CORS policy stays, and so
 * does the app's Cache-Control of a paid response. All adapters use it, so that every framework follows the same rules.
 */
export function mergeHeaders(
  current: (name: string) => HeaderValue,
  added: readonly (readonly [name: string, value: string])[],
): readonly (readonly [name: string, value: string | string[]])[] {
  const merged: [name: string, value: string | string[]][] = [];
  for (const [name, value] of added) {
    // An existing header is read only where it matters, because reading it takes longer than the rest of this function.
    const present = () => textOf(current(name));
    if (name === "WWW-Authenticate" || name === "Set-Cookie") {
      const lines = merged.find(([known]) => known === name)?.[1] as string[] | undefined;
      if (lines) lines.push(value);
      else merged.push([name, name === "Set-Cookie" ? [...cookiesOf(current(name)), value] : [value]]);
    } else if (name === "Vary" || name === "Access-Control-Expose-Headers") {
      merged.push([name, union(present(), value)]);
    } else {
      const stays = name === "Access-Control-Allow-Origin" || value === "private";
      merged.push([name, (stays && present()) || value]);
    }
  }
  return merged;
}

/**
 * Splits a joined Set-Cookie value. `Headers` joins cookies with commas, and a date in a cookie contains a comma too.
 * So only a comma before a name and `=` separates two cookies.
 */
const cookiesOf = (present: HeaderValue): readonly string[] =>
  Array.isArray(present) ? present : (textOf(present)?.split(/, *(?=[^;,=\s]+=)/) ?? []);

const textOf = (value: HeaderValue): string | undefined =>
  value === null || value === undefined || value === "" ? undefined : String(value);

/** Joins two lists of names, such as those of `Vary`. */
export function union(list: HeaderValue, value: string): string {
  const present = textOf(list);
  if (present === undefined) return value;
  const names = new Map<string, string>();
  for (const name of `${present},${value}`.split(",").map((part) => part.trim())) {
    if (name && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return names.has("*") ? "*" : [...names.values()].join(", ");
}
