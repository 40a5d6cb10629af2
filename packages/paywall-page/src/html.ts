/** Text that is already HTML. Only `html` and `trusted` create it, so all other text on a page is escaped. */
export interface Html {
  readonly html: string;
}

export const trusted = (text: string): Html => ({ html: text });

/**
 * Builds HTML and escapes every value, unless it is already HTML. `undefined` and `false` become empty.
 *
 * SECURITY: attributes are always quoted in our templates, so escaping is the same everywhere (html.test.ts, "markup").
 */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (Html | string | number | false | undefined)[]
): Html {
  let text = parts[0] as string;
  for (let i = 0; i < values.length; i++) text += textOf(values[i]) + (parts[i + 1] as string);
  return trusted(text);
}

function textOf(value: Html | string | number | false | undefined): string {
  if (value === undefined || value === false) return "";
  return typeof value === "object" ? value.html : escapeHtml(String(value));
}

/** Escapes text. Control characters become spaces, because HTML text must not contain them. */
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'\p{Cc}]/gu, (character) => ENTITIES[character] ?? (character === "\n" ? character : " "));

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
