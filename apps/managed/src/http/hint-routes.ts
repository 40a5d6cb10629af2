import type { ApiParts } from "./api-context.ts";
import { readText } from "./read-body.ts";

const MAX_BYTES = 65_536;
const MAX_HASHES = 10;
/** More than that wait for the sweep, which looks at every invoice anyway. */
const MAX_AT_ONCE = 32;

/**
 * Webhooks, of whatever backend: every payment hash in one is looked at. They need no signature, because they are only a
 * reason to ask the node.
 *
 * SECURITY: nothing in a webhook is believed, and its answer tells nothing (http-webhooks.test.ts, "moves nothing").
 */
export function hintRoutes({ service, factory, limitClient }: ApiParts) {
  let underWay = 0;

  async function follow(hashes: Iterable<string>): Promise<void> {
    underWay++;
    for (const hash of hashes) await service.settlement.hint(hash).catch(() => {});
    underWay--;
  }

  return factory.createApp().post("/webhooks", async (c) => {
    limitClient(c, 1);
    const text = await readText(c.req.raw, MAX_BYTES);
    const hashes = new Set(
      text.match(/(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])/g)?.map((hash) => hash.toLowerCase()),
    );
    if (hashes.size > 0 && underWay < MAX_AT_ONCE) void follow([...hashes].slice(0, MAX_HASHES));
    return c.body(null, 202);
  });
}
