import { withL402 } from "@l402/next";
import { shop } from "../../../lib/shop";

const countWords = (text: string) => text.split(/\s+/).filter(Boolean).length;

/** A price that depends on the body: one sat for a thousand words. */
const terms = async (request: Request) => ({ price: Math.ceil(countWords(await request.text()) / 1000) || 1 });

export const POST = withL402(shop().paywall, terms, async (request) =>
  Response.json({ words: countWords(await request.text()) }),
);
