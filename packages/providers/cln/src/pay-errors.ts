/** The node does not have this method: `xpay` came with 24.11, and `pay` will be removed with 27.03. */
export const NO_SUCH_METHOD = -32601;

/** True if the payment is in progress or was made before. The error is then about this try, not about the payment. */
export const isRepeated = (code: number): boolean => [200, 201, 202, 218, 219].includes(code);

const REASONS: Record<number, string> = {
  [NO_SUCH_METHOD]: "CLN offers neither xpay nor pay.",
  [-32602]: "CLN does not accept the invoice.",
  203: "The payee refuses the payment.",
  205: "CLN found no route to the payee within the fee limit.",
  206: "Every route costs more than the fee limit.",
  207: "The invoice has expired.",
  210: "CLN found no way in time.",
};

export const reasonFor = (code: number): string => REASONS[code] ?? `CLN calls the payment failed (${code}).`;
