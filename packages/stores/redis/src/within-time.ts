import { redisError, unavailable } from "./redis-error.ts";

/** Longer than a paywall waits, which itself gives back what is taken late. It is for clients that wait for ever. */
const TIMEOUT_SECONDS = 10;

/** Waits for an answer, but not for ever. Whatever goes wrong becomes an error that can be shown. */
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
