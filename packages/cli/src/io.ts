import type { Writable } from "node:stream";

type Write<Data> = (data: Data) => Promise<void>;

/** Where a command reads and writes. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  stdin(): Promise<Uint8Array<ArrayBuffer>>;
  /** What was asked for: bodies and answers. */
  stdout: Write<string | Uint8Array>;
  /** The story around it. */
  stderr: Write<string>;
  /** Whether stderr is a terminal: one can write over a line there. */
  isTerminal: boolean;
  /** Which of the two show colours. */
  colours: { stdout: boolean; stderr: boolean };
  /** Ctrl-C. */
  signal: AbortSignal;
}

/** Resolves when it is written, so that nothing piles up and nothing is lost at the end. */
export const writerOf =
  (stream: Writable): Write<string | Uint8Array> =>
  (data) =>
    new Promise((resolve) => void stream.write(data, () => resolve()));

export const isBrokenPipe = (error: Error): boolean => (error as NodeJS.ErrnoException).code === "EPIPE";

const paint = (code: number) => (isShown: boolean, text: string) =>
  isShown ? `\u001b[${code}m${text}\u001b[0m` : text;

export const green = paint(32);
export const red = paint(31);
export const yellow = paint(33);
export const dim = paint(2);
