const MAX_LENGTH = 2000;
const MAX_PARTS = 64;

/** Reads a header such as `Accept`: the names in lower case, and the weight of each, from 0 to 1. */
function readPreferences(header: string | undefined): Map<string, number> {
  const wanted = new Map<string, number>();
  if (!header || header.length > MAX_LENGTH) return wanted;
  for (const part of header.toLowerCase().split(",", MAX_PARTS)) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    // An unreadable weight counts as 0.
    if (name && !wanted.has(name)) wanted.set(name, weight >= 0 && weight <= 1 ? weight : 0);
  }
  return wanted;
}

const HTML = ["text/html", "application/xhtml+xml", "text/*"];
const JSON_TYPES = ["application/problem+json", "application/json", "application/*", "*/*"];

/**
 * True if the request comes from a person: the header names HTML, with a higher weight than JSON. Programs send `*\/*`.
 */
export function prefersHtml(accept: string | undefined): boolean {
  const wanted = readPreferences(accept);
  const weightOf = (types: readonly string[]) => wanted.get(types.find((type) => wanted.has(type)) ?? "") ?? 0;
  return weightOf(HTML) > Math.max(weightOf(JSON_TYPES.slice(0, 1)), weightOf(JSON_TYPES.slice(1)));
}

/** Returns the first of the languages with the highest weight; without a preference, the first of all. */
export function preferredLanguage<Language extends string>(
  header: string | undefined,
  languages: readonly [Language, ...Language[]],
): Language {
  let [best] = languages;
  let weight = 0;
  for (const [range, quality] of readPreferences(header)) {
    const found = languages.find((language) => range === language || range.startsWith(`${language}-`));
    if (!found || quality <= weight) continue;
    best = found;
    weight = quality;
  }
  return best;
}
