import { hintInVariables } from "@l402/config";
import { L402Error } from "@l402/core";
import type { Io } from "../io.ts";

const PATIENCE_MS = 10_000;

interface Asked {
  name: string;
  role?: "provider" | "wallet";
}

/** Asks a backend or a store, and waits at most `PATIENCE_MS`, even if the backend ignores the signal. */
export async function askWithin<Answer>(
  asked: Asked,
  io: Io,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const began = performance.now();
  const over = new AbortController();
  const end = () => over.abort();
  // AbortSignal.timeout would not keep the process alive, and perhaps nothing else does.
  const timer = setTimeout(end, PATIENCE_MS);
  io.signal.addEventListener("abort", end);
  if (io.signal.aborted) end();
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const giveUp = () => reject(tooLate(asked, io, performance.now() - began));
      if (over.signal.aborted) return giveUp();
      over.signal.addEventListener("abort", giveUp);
      return Promise.resolve(ask(over.signal)).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    io.signal.removeEventListener("abort", end);
  }
}

function tooLate({ name, role }: Asked, { env }: Io, waitedMs: number): L402Error {
  const url = role ? hintInVariables("url", env, role) : "url";
  return new L402Error("PROVIDER_TIMEOUT", `${name} did not answer within ${Math.round(waitedMs / 100) / 10} s.`, {
    hint: `Check that ${role ? "the backend" : "the store"} is running${url === "url" ? "" : `, and check ${url}`}.`,
  });
}
