import { type Problem, problem, problemOf } from "../problem.ts";

/** For every answer: nobody keeps it, guesses its type, or puts it into a frame. */
export const SAFE_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/** What the sender did wrong, or with `internal` only that something did, which `onError` hears. */
export function answerTo(error: Error, internal: string, onError: (error: Error) => void): Response {
  const told = problemOf(error);
  if (told) return problemResponse(told);
  onError(error);
  return problemResponse(problemOf(problem("INTERNAL", internal)) as Problem);
}

/** A refusal as RFC 9457 has it. */
function problemResponse({ code, status, title, detail, retryAfterSeconds }: Problem): Response {
  return new Response(JSON.stringify({ title, status, code, detail }), {
    status,
    headers: {
      ...SAFE_HEADERS,
      "content-type": "application/problem+json",
      ...(status === 401 && { "www-authenticate": "Bearer" }),
      ...(retryAfterSeconds !== undefined && { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
    },
  });
}
