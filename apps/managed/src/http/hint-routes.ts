import type { ApiParts } from "./api-context.ts";
import { createHintLine } from "./hint-line.ts";
import { readText } from "./read-body.ts";

const MAX_BYTES = 65_536;
const MAX_HASHES = 10;

/**
 * Webhooks, of whatever backend: every payment hash in one is looked at. They need no signature, because they are only a
 * reason to ask the node.
 *
 * SECURITY: nothing in a webhook is believed, and its answer tells nothing (http-webhooks.test.ts, "moves nothing").
 */
export function hintRoutes({ service, factory, limitClient, customerOf }: ApiParts) {
  const line = createHintLine((paymentHash) => service.settlement.hint(paymentHash));

  return factory.createApp().post("/webhooks", async (c) => {
    limitClient(c, 1);
    const text = await readText(c.req.raw, MAX_BYTES);
    const found = new Set(
      text.match(/(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])/g)?.map((hash) => hash.toLowerCase()),
    );
    const hashes = [...found].slice(0, MAX_HASHES);
    // Each is a question to the node.
    if (hashes.length > 1) limitClient(c, hashes.length - 1);
    line.join(customerOf(c), hashes);
    return c.body(null, 202);
  });
}
