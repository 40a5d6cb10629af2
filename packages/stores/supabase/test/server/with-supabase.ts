import { afterAll, it } from "vitest";
import { type SupabaseServer, type SupabaseServerOptions, startSupabase } from "./supabase-server.ts";

/**
 * Registers tests that need a project. Where its parts cannot be installed they are skipped, with a printed reason; with
 * L402_REQUIRE_SUPABASE that is an error.
 */
export async function withSupabase(register: (server: SupabaseServer) => void, options?: SupabaseServerOptions) {
  let server: SupabaseServer;
  try {
    server = await startSupabase(options);
  } catch (error) {
    if (process.env.L402_REQUIRE_SUPABASE) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    console.warn(`Skipped, because there is no Supabase to test with: ${reason}`);
    it.skip("needs Supabase, which could not be started", () => {});
    return;
  }
  afterAll(() => server.stop());
  register(server);
}
