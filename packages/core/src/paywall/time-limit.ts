import { L402Error } from "../errors.ts";
import { asL402Error, type Failure } from "./failure.ts";

type Call<Result> = (signal: () => AbortSignal) => PromiseLike<Result> | Result;

/** Waits for `call`, with a time limit. An error of `call` is passed on unchanged. */
export async function withinSeconds<Result>(
  seconds: number,
  call: Call<Result>,
  { what, code, timeoutCode = code }: Failure,
): Promise<Result> {
  // The controller is created only if `call` asks for the signal: creating it takes longer than the rest of this
  // function.
  let controller: AbortController | undefined;
  const signal = () => {
    controller ??= new AbortController();
    return controller.signal;
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new L402Error(timeoutCode, `${what} did not answer within ${seconds} s.`));
      controller?.abort();
    }, seconds * 1000);
  });
  try {
    return await Promise.race([call(signal), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The same for code that is not ours, such as a provider: its errors become L402Errors, without its words. */
export const askWithinSeconds = <Result>(seconds: number, call: Call<Result>, failure: Failure): Promise<Result> =>
  withinSeconds(seconds, call, failure).catch((error: unknown) => {
    throw asL402Error(error, failure);
  });
