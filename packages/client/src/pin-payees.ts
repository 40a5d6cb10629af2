import { verifyInvoice } from "@l402/bolt11/signature";
import { checkOption, clientError } from "@l402/core";

/**
 * Makes a function for the option `checkInvoice` that lets an origin be paid only to its Lightning nodes named here. So
 * an attacker who takes over a server cannot take its income as well. Other origins are not checked.
 */
export function pinPayees(pins: Record<string, string | readonly string[]>) {
  const nodes = new Map<string, readonly string[]>();
  for (const [origin, keys] of Object.entries(pins)) {
    checkOption(
      URL.canParse(origin) && new URL(origin).origin === origin,
      `pinPayees: "${origin}"`,
      "an origin such as https://api.example",
    );
    const list = [keys].flat();
    checkOption(
      list.every((key) => /^0[23][0-9a-f]{64}$/.test(key)),
      `pinPayees: the value of ${origin}`,
      "public keys of nodes: 66 hex characters",
    );
    nodes.set(origin, list);
  }
  return ({ origin, bolt11 }: { origin: string; bolt11: string }): void => {
    const expected = nodes.get(origin);
    if (expected && !expected.includes(payeeOf(bolt11))) {
      throw clientError("INVOICE_MISMATCH", `The invoice pays another node than the one pinned for ${origin}.`, {
        hint: "This request paid nothing. Ask the seller if the node is new. If not, an attacker may control the server.",
      });
    }
  };
}

function payeeOf(bolt11: string): string {
  try {
    return verifyInvoice(bolt11).payee;
  } catch {
    throw clientError("INVOICE_MALFORMED");
  }
}
