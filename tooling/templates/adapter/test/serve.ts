import type { AdapterApp, RunningServer } from "@l402/testing";
import { l402 } from "../src/index.ts";

/** Serves the routes of a test with a real server of Example. */
export async function serve({ paywall, routes }: AdapterApp): Promise<RunningServer> {
  for (const { terms } of routes) {
    l402(paywall, typeof terms === "function" ? (request) => terms(headersOf(request)) : terms);
  }
  throw new Error("serve is not written yet: mount each route behind its l402 in Example, and listen on 127.0.0.1:0.");
}

const headersOf = ({ headers }: Request) => ({ header: (name: string) => headers.get(name) ?? undefined });
