import { checkOption } from "@l402/core";
import { PostgrestClient } from "@supabase/postgrest-js";

/**
 * A client of `@supabase/supabase-js` or of `@supabase/postgrest-js`. Its parameters are `never`, so that a client also
 * fits if it knows the functions of your project by type.
 */
export interface SupabaseClient {
  rpc(name: never, values: never): SupabaseCall;
}

/** The same client, with the parameter types that we use. */
interface SupabaseApi {
  rpc(name: string, values: object): SupabaseCall;
}

/** A call that is sent when it is awaited. */
export interface SupabaseCall extends PromiseLike<SupabaseAnswer> {
  abortSignal(signal: AbortSignal): PromiseLike<SupabaseAnswer>;
}

export interface SupabaseAnswer {
  data: unknown;
  error: unknown;
  status: number;
}

/** Your own client, or the two settings that every Supabase project shows under "API keys". */
export type SupabaseConnection =
  | { client: SupabaseClient; url?: never; key?: never }
  | {
      client?: never;
      /** The URL of the project, such as `https://abcdefgh.supabase.co`. */
      url: string | undefined;
      /** A key of the project. The publishable key is enough, or the anon key of an older project. */
      key: string | undefined;
    };

export const CONNECTION_OPTIONS = ["client", "url", "key"] as const;

export function connect(owner: string, { client, url, key }: SupabaseConnection): SupabaseApi {
  if (client !== undefined) {
    checkOption(url === undefined && key === undefined, `${owner}: client`, "given alone, without url and key");
    checkOption(typeof client?.rpc === "function", `${owner}: client`, "a client of @supabase/supabase-js");
    return client as SupabaseApi;
  }
  const address = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  checkOption(
    address?.protocol === "https:" || address?.protocol === "http:",
    `${owner}: url`,
    "your project's URL (SUPABASE_URL), such as https://abcdefgh.supabase.co",
  );
  checkOption(
    typeof key === "string" && /^[\x21-\x7e]+$/.test(key),
    `${owner}: key`,
    "a key of your project (SUPABASE_PUBLISHABLE_KEY)",
  );
  const rest = `${address.origin}${address.pathname.replace(/\/$/, "")}/rest/v1`;
  return new PostgrestClient(rest, {
    // The older keys are tokens, and these are not: as a token they would be refused.
    headers: key.startsWith("sb_") ? { apikey: key } : { apikey: key, Authorization: `Bearer ${key}` },
    // SECURITY: a redirect would send the key to another server (supabase-client.test.ts, "follows no redirect").
    // Workers have no "error".
    fetch: (input, init) => fetch(input, { ...init, redirect: "manual" }),
  });
}
