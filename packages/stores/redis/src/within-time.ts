import { redisError, unavailable } from "./redis-error.ts";

/**
 * For clients that would wait forever. Longer than a paywall waits: the paywall itself gives back a use that is taken
 * late.
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
