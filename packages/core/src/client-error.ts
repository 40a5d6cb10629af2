import { CLIENT_ERROR_CODES, type ClientErrorCode } from "./client-error-codes.ts";
import type { ErrorCodeEntry } from "./error-codes.ts";
import { L402Error, type L402ErrorOptions } from "./errors.ts";

/** Makes an error that no paywall answers with, filled in from its code's entry in `CLIENT_ERROR_CODES`. */
export const clientError = (code: ClientErrorCode, message?: string, options?: L402ErrorOptions): L402Error => {
  const { title, ...entry }: ErrorCodeEntry = CLIENT_ERROR_CODES[code];
  return new L402Error(code, message ?? (title && `${title}.`), { ...entry, ...options });
};
