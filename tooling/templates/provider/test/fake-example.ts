import { fakeClock, fakeLightning } from "@l402/testing";

/** The servers of Example in memory: its HTTP API, with a fake Lightning node behind it. */
export function fakeExample() {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });
  let outage: "down" | "hanging" | undefined;

  /** Returns a function that begins an outage. That function returns another one, which ends the outage. */
  const begin = (kind: "down" | "hanging") => () => {
    outage = kind;
    return () => {
      outage = undefined;
    };
  };

  return {
    clock,
    lightning,
    breakBackend: begin("down"),
    hangBackend: begin("hanging"),

    /** Pass this as the option `fetch`. */
    async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      if (outage === "down") throw new TypeError("fetch failed");
      if (outage === "hanging") return untilAborted(request.signal);

      const route = `${request.method} ${new URL(request.url).pathname}`;
      switch (route) {
        // Answer every route that the package calls, in the words of the API's own documentation.
        default:
          return Response.json({ message: `fake-example.ts does not answer ${route} yet` }, { status: 404 });
      }
    },
  };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
