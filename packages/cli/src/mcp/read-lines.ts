/** Enough for a request with a body of more than a megabyte. */
const MAX_LINE_BYTES = 2_000_000;

/** Splits chunks into lines. A line that is too long becomes `undefined`, and is never in memory as a whole. */
export function createLineReader(receive: (line: string | undefined) => void) {
  let parts: Buffer[] = [];
  let size = 0;

  function keep(part: Buffer): void {
    size += part.length;
    if (size > MAX_LINE_BYTES) parts = [];
    else parts.push(part);
  }

  function end(): void {
    const line = size > MAX_LINE_BYTES ? undefined : Buffer.concat(parts).toString();
    parts = [];
    size = 0;
    if (line === undefined || line.trim() !== "") receive(line);
  }

  return {
    push(chunk: Buffer): void {
      let from = 0;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        keep(chunk.subarray(from, at));
        end();
        from = at + 1;
      }
      keep(chunk.subarray(from));
    },
    /** Ends the input. The last line may lack its newline. */
    end,
  };
}
