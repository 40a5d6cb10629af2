type HeaderValue = string | number | readonly string[] | null | undefined;

/**
 * What to set on a response that may have headers already: lists grow, the app's CORS policy stays, and so does its
 * Cache-Control for what was paid for. For adapters; every framework gets the same rules.
 */
export function mergeHeaders(
  current: (name: string) => HeaderValue,
  added: readonly (readonly [name: string, value: string])[],
): readonly (readonly [name: string, value: string | string[]])[] {
  // Most responses have none of them yet.
  if (added.every(([name]) => !isList(name) && textOf(current(name)) === undefined)) return added;
  const merged = new Map<string, string | string[]>();
  for (const [name, value] of added) {
    const present = textOf(current(name));
    if (present === undefined && !isList(name) && !merged.has(name)) merged.set(name, value);
    else if (name === "WWW-Authenticate") merged.set(name, [...((merged.get(name) as string[]) ?? []), value]);
    else if (name === "Set-Cookie")
      merged.set(name, [...((merged.get(name) as string[]) ?? cookiesOf(current(name))), value]);
    else if (name === "Vary" || name === "Access-Control-Expose-Headers") merged.set(name, union(present, value));
    else if (name === "Access-Control-Allow-Origin" || value === "private") merged.set(name, present ?? value);
    else merged.set(name, value);
  }
  return [...merged];
}

/** Has a line of its own for each value. */
const isList = (name: string): boolean => name === "WWW-Authenticate" || name === "Set-Cookie";

/** `Headers` joins cookies with commas, and a date in a cookie has one too: only behind a cookie's end comes a name. */
const cookiesOf = (present: HeaderValue): string[] =>
  Array.isArray(present) ? [...present] : (textOf(present)?.split(/, *(?=[^;,=\s]+=)/) ?? []);

const textOf = (value: HeaderValue): string | undefined =>
  value === null || value === undefined || value === "" ? undefined : String(value);

function union(present: string | undefined, value: string): string {
  const names = new Map<string, string>();
  for (const name of `${present ?? ""},${value}`.split(",").map((part) => part.trim())) {
    if (name && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return names.has("*") ? "*" : [...names.values()].join(", ");
}
