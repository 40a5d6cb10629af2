type HeaderValue = string | number | readonly string[] | null | undefined;

/**
 * What to set on a response that may have headers already: lists grow, the app's CORS policy stays, and so does its
 * Cache-Control for what was paid for. For adapters; every framework gets the same rules.
 */
export function mergeHeaders(
  current: (name: string) => HeaderValue,
  added: readonly (readonly [name: string, value: string])[],
): readonly (readonly [name: string, value: string | string[]])[] {
  const merged: [name: string, value: string | string[]][] = [];
  for (const [name, value] of added) {
    // Only where it matters is asked what is there: to look takes longer than all the rest.
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

/** `Headers` joins cookies with commas, and a date in a cookie has one too: only behind a cookie's end comes a name. */
const cookiesOf = (present: HeaderValue): readonly string[] =>
  Array.isArray(present) ? present : (textOf(present)?.split(/, *(?=[^;,=\s]+=)/) ?? []);

const textOf = (value: HeaderValue): string | undefined =>
  value === null || value === undefined || value === "" ? undefined : String(value);

function union(present: string | undefined, value: string): string {
  if (present === undefined) return value;
  const names = new Map<string, string>();
  for (const name of `${present},${value}`.split(",").map((part) => part.trim())) {
    if (name && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return names.has("*") ? "*" : [...names.values()].join(", ");
}
