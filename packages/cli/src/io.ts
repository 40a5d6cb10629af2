import type { Writable } from "node:stream";
import { usageError } from "./usage.ts";

type Write<Data> = (data: Data) => Promise<void>;

/** The input and output of a command. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  stdin(): Promise<Uint8Array<ArrayBuffer>>;
  /** Gets the result: bodies and answers. */
  stdout: Write<string | Uint8Array>;
  /** Gets messages about the progress. */
  stderr: Write<string>;
  /** Whether each of the two is a terminal, where a line can be overwritten. */
  isTerminal: { stdout: boolean; stderr: boolean };
  /** Whether each of the two shows colours. */
  colours: { stdout: boolean; stderr: boolean };
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** What a writer rejects with when its reader has left, as `head` does. */
export const READER_GONE = new Error("Nobody reads the output any more.");

/**
 * Makes a function that writes to a stream. It resolves when the data is written, so that none piles up or gets lost,
 * and rejects if it cannot be written, for example to a full disk.
 */
export const writerOf =
  (stream: Writable): Write<string | Uint8Array> =>
  (data) =>
    new Promise((resolve, reject) => {
      stream.write(data, (error) => {
        if (!error) resolve();
        else if (isBrokenPipe(error)) reject(READER_GONE);
        else reject(usageError(`The output cannot be written (${(error as NodeJS.ErrnoException).code}).`));
      });
    });

export const isBrokenPipe = (error: Error): boolean => (error as NodeJS.ErrnoException).code === "EPIPE";

const paint = (code: number) => (isShown: boolean, text: string) =>
  isShown ? `\u001b[${code}m${text}\u001b[0m` : text;

export const green = paint(32);
export const red = paint(31);
export const yellow = paint(33);
export const dim = paint(2);

const SIGNS = { ok: [green, "✓"], warning: [yellow, "!"], problem: [red, "✗"] } as const;

/** How good the result of a check is. */
export type Level = keyof typeof SIGNS;

/** Begins the line of a result. */
export function signOf(level: Level, isShown: boolean): string {
  const [paintIn, mark] = SIGNS[level];
  return paintIn(isShown, mark);
}
