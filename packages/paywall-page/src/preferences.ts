const MAX_LENGTH = 2000;
const MAX_PARTS = 64;

/** What a header such as `Accept` names, in lower case, and how much each is wanted: from 0 to 1. */
function readPreferences(header: string | undefined): Map<string, number> {
  const wanted = new Map<string, number>();
  if (!header || header.length > MAX_LENGTH) return wanted;
  for (const part of header.toLowerCase().split(",", MAX_PARTS)) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    // What cannot be read is not wanted.
    if (name && !wanted.has(name)) wanted.set(name, weight >= 0 && weight <= 1 ? weight : 0);
  }
  return wanted;
}

const HTML = ["text/html", "application/xhtml+xml", "text/*"];
const JSON_TYPES = ["application/problem+json", "application/json", "application/*", "*/*"];

/** Whether a person asks: HTML is named, and wanted more than JSON. `*\/*` is what programs send. */
export function prefersHtml(accept: string | undefined): boolean {
  const wanted = readPreferences(accept);
  const weightOf = (types: readonly string[]) => wanted.get(types.find((type) => wanted.has(type)) ?? "") ?? 0;
  return weightOf(HTML) > Math.max(weightOf(JSON_TYPES.slice(0, 1)), weightOf(JSON_TYPES.slice(1)));
}

/** The first of the languages that is wanted most; without a wish, the first of all. */
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
