import { problem } from "../problem.ts";
import type { ApiParts } from "./api-context.ts";

/** What is owed to all merchants, signed, and the proof that one's own balance is in it. */
export function proofRoutes({ service, factory, limitStranger, onlyMerchants }: ApiParts) {
  const { roots } = service;
  const none = () =>
    problem("NOT_FOUND", "This balance root does not exist. The service signs the first one soon after its start.");

  return factory
    .createApp()
    .get("/v1/balance-root", async (c) => {
      limitStranger(c, 1);
      const root = await roots.root();
      if (!root) throw none();
      return c.json(root);
    })

    .get("/v1/balance-root/:number", async (c) => {
      limitStranger(c, 1);
      const number = c.req.param("number");
      const root = /^[1-9]\d{0,14}$/.test(number) ? await roots.root(Number(number)) : undefined;
      if (!root) throw none();
      return c.json(root);
    })

    .get("/v1/balance-proof", onlyMerchants, async (c) => {
      const proof = await roots.proof(c.get("merchant").id);
      if (!proof) throw none();
      return c.json(proof);
    });
}
