/** Where a command reads and writes. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  /** What was asked for: bodies and answers. */
  stdout(data: string | Uint8Array): void;
  /** The story around it. */
  stderr(text: string): void;
  /** Whether stderr is a terminal that shows colours. */
  colours: boolean;
  fetch: typeof fetch;
  now(): Date;
}

/** A failed command: what to say, and the exit code. */
export interface Failure {
  exitCode: number;
  message: string;
  hint?: string;
}

const paint = (code: number) => (io: Io, text: string) => (io.colours ? `\u001b[${code}m${text}\u001b[0m` : text);

export const green = paint(32);
export const red = paint(31);
export const yellow = paint(33);
export const dim = paint(2);
