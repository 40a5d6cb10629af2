import type { ExampleClient } from "../src/index.ts";

/** Connects to a server of Example that the tests started: a real one, because the tests make parallel calls. */
export async function connect(): Promise<ExampleClient> {
  throw new Error(
    "connect is not written yet: start a real server of Example in example-server.ts, and connect to it.",
  );
}
