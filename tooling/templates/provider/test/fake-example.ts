import { type Exchange, fakeBackend, fakeClock, fakeLightning, type Reply } from "@l402/testing";

/** Example over HTTP, with a fake Lightning node behind it. */
export async function fakeExample() {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });

  async function answer({ method, path }: Omit<Exchange, "reply">): Promise<Reply> {
    // Answer every route that the package calls, in the words of the API's own documentation.
    return { status: 404, body: { message: `fake-example.ts does not answer ${method} ${path} yet` } };
  }

  return { ...(await fakeBackend(answer)), clock, lightning };
}
