import { type ProblemCode, problem, problemOf } from "../problem.ts";

const MAX_BYTES = 16_384;

export type Body = Awaited<ReturnType<typeof readBody>>;

/** A request's JSON object, field by field. Throws a problem that names the field. */
export async function readBody(request: Request, known: readonly string[]) {
  const fields = parse(await readText(request));
  const wrong = (text: string, code: ProblemCode = "BODY_INVALID") => problem(code, text);
  const stranger = Object.keys(fields).find((name) => !known.includes(name));
  if (stranger !== undefined) {
    throw wrong(
      `The field ${JSON.stringify(stranger.slice(0, 50))} does not exist. Allowed fields: ${known.join(", ") || "none"}.`,
    );
  }

  return {
    has: (name: string) => fields[name] !== undefined,
    text(name: string, { max = 639 }: { max?: number } = {}): string {
      const value = fields[name];
      if (typeof value !== "string") throw wrong(`${name} must be a string.`);
      if (Buffer.byteLength(value) > max) throw wrong(`${name} is longer than ${max} bytes.`);
      // No database keeps the zero byte, and half a surrogate pair is no character.
      if (value.includes("\0") || /\p{Surrogate}/u.test(value))
        throw wrong(`${name} contains characters that are not valid in a text.`);
      return value;
    },
    /** A whole number; one that is out of range is refused with a code of its own. */
    whole(name: string, { min, max, code }: { min: number; max: number; code?: ProblemCode }): number {
      const value = fields[name];
      if (typeof value !== "number") throw wrong(`${name} must be a number.`);
      if (!Number.isSafeInteger(value) || value < min || value > max) {
        throw wrong(`${name} must be a whole number from ${min} to ${max}.`, code);
      }
      return value;
    },
    oneOf<const Word extends string>(name: string, words: readonly Word[]): Word {
      const word = words.find((each) => each === fields[name]);
      if (word === undefined) throw wrong(`${name} must be one of ${words.join(", ")}.`);
      return word;
    },
  };
}

export async function readText(request: Request, maxBytes = MAX_BYTES): Promise<string> {
  const tooLarge = () => problem("BODY_TOO_LARGE", `The request body must not be larger than ${maxBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // SECURITY: what comes is counted, not what was announced (http-limits.test.ts, "in chunks").
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    throw problemOf(error) ? error : problem("BODY_INVALID", "The request body ended too early.");
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw problem("BODY_INVALID", "The request body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw problem("BODY_INVALID", "The request body is not a JSON object.");
  }
  // Without a prototype, so that a field of that name is only a field.
  return Object.assign(Object.create(null), value);
}
