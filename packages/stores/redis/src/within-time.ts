import { redisError, unavailable } from "./redis-error.ts";

/**
 * Longer than a paywall waits, because it gives back late uses itself. The limit is for clients that would wait
 * forever.
 */
const TIMEOUT_SECONDS = 10;

/** Waits at most 10 seconds for an answer. Turns every failure into an error that is safe to show. */
export function withinTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable(`no answer in ${TIMEOUT_SECONDS} s`)), TIMEOUT_SECONDS * 1000);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(redisError(error));
      },
    );
  });
}
