// Reading an invoice: its checksum, amount, payment hash and expiry.
import { decodeInvoice, summarizeInvoice } from "@l402/bolt11";
import light from "light-bolt11-decoder";
import { measure, mustHold, ratio, refuses, spreads } from "../rounds.mjs";
import { AMOUNT_MSAT } from "../shop.mjs";

export async function measureBolt11(invoices) {
  const cases = {
    summarizeInvoice(bolt11) {
      const { amountMsat, paymentHash, expiresAt } = summarizeInvoice(bolt11);
      return { amountMsat: Number(amountMsat), paymentHash, expiresAt: expiresAt.getTime() };
    },
    decodeInvoice(bolt11) {
      const { amountMsat, paymentHash, expiresAt } = decodeInvoice(bolt11);
      return { amountMsat: Number(amountMsat), paymentHash, expiresAt: expiresAt.getTime() };
    },
    "light-bolt11-decoder"(bolt11) {
      const { sections, expiry } = light.decode(bolt11);
      const value = (name) => sections.find((section) => section.name === name).value;
      const expiresAt = (value("timestamp") + expiry) * 1000;
      return { amountMsat: Number(value("amount")), paymentHash: value("payment_hash"), expiresAt };
    },
  };
  const texts = invoices.map(({ bolt11 }) => bolt11);
  const broken = `${texts[5].slice(0, -3)}${texts[5].at(-3) === "q" ? "p" : "q"}${texts[5].slice(-2)}`;
  for (const [name, read] of Object.entries(cases)) {
    const { amountMsat, paymentHash, expiresAt } = read(texts[5]);
    const isRight = amountMsat === AMOUNT_MSAT && paymentHash === invoices[5].paymentHash && expiresAt > Date.now();
    mustHold(isRight, `${name} reads something else`);
    mustHold(await refuses(() => read(broken)), `${name} does not check the checksum`);
  }
  const nanos = await measure(
    Object.fromEntries(Object.entries(cases).map(([name, read]) => [name, (i) => read(texts[i % texts.length])])),
  );
  return {
    values: {
      "bolt11/light": ratio(nanos["light-bolt11-decoder"], nanos.summarizeInvoice),
    },
    nanos: spreads(nanos),
  };
}
