import { L402Error } from "@l402/core";
import type { Answer } from "./create-backend.ts";

export type Fields = ReturnType<typeof readFields>;

/**
 * Reads an answer by field names; `data.invoice.id` is a nested one. Throws a PROVIDER_BAD_RESPONSE that names the
 * field.
 */
export function readFields(backend: string, { body, fundsMoved }: Pick<Answer, "body" | "fundsMoved">) {
  const find = (path: string): unknown =>
    path.split(".").reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), body);
  const missing = (path: string, what: string) =>
    new L402Error(
      "PROVIDER_BAD_RESPONSE",
      isObject(body)
        ? `${backend} answered without a valid field "${path}". Expected: ${what}.`
        : `${backend} answered, but not with JSON.`,
      { fundsMoved },
    );

  const optionalText = (path: string): string | undefined => {
    const value = find(path);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const optionalWhole = (path: string): number | undefined => {
    const value = find(path);
    // Many backends write 64-bit numbers as strings.
    const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
    return Number.isSafeInteger(number) ? (number as number) : undefined;
  };

  return {
    find,
    optionalText,
    /** A whole number, also if it is written as a string. */
    optionalWhole,
    text(path: string): string {
      const value = optionalText(path);
      if (value === undefined) throw missing(path, "a non-empty text");
      return value;
    },
    whole(path: string): number {
      const value = optionalWhole(path);
      if (value === undefined) throw missing(path, "a whole number");
      return value;
    },
    flag(path: string): boolean {
      const value = find(path);
      if (typeof value !== "boolean") throw missing(path, "true or false");
      return value;
    },
    list(path: string): unknown[] {
      const value = find(path);
      if (!Array.isArray(value)) throw missing(path, "a list");
      return value;
    },
    /** The error for a field with an undocumented value, such as a new status word. */
    unknownValue: (path: string): L402Error => missing(path, "one of the documented values"),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
