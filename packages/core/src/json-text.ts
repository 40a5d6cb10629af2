/** Writes a text as a JSON string. Most texts need no escapes, and checking that takes a third of the time. */
export const jsonText = (text: string): string => (/^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text));
