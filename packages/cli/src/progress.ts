import { dim, type Io } from "./io.ts";

/**
 * Shows that a payment is running, and on a terminal for how long. Returns a function that ends it and gives the
 * seconds.
 */
export function startProgress(io: Io): () => number {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const show = () => void io.stderr(`\r${dim(io.colours.stderr, `Paying … ${Math.floor(seconds())} s`)}`);
  if (io.isTerminal.stderr) show();
  else void io.stderr("Paying …\n");
  const timer = io.isTerminal.stderr ? setInterval(show, 1000) : undefined;
  return () => {
    clearInterval(timer);
    if (io.isTerminal.stderr) void io.stderr("\r\u001b[K");
    return seconds();
  };
}
