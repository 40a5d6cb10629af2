/** The node does not have this method: `xpay` came with 24.11, and `pay` will be removed with 27.03. */
export const NO_SUCH_METHOD = -32601;

/**
 * True if the payment is in progress or was made before. The error is then about this try, not about the payment. -3 is
 * how xpay reports 200 to 202.
 */
export const isRepeated = (code: number): boolean => [-3, 200, 201, 202, 218, 219].includes(code);

const REASONS: Record<number, string> = {
  [NO_SUCH_METHOD]: "This CLN node has neither the method xpay nor the method pay.",
  [-32602]: "CLN refused the invoice as invalid.",
  203: "The payee refused the payment.",
  205: "CLN found no route to the payee within the fee limit.",
  206: "Every route to the payee costs more than the fee limit.",
  207: "The invoice has expired.",
  210: "CLN could not complete the payment in time.",
};

export const reasonFor = (code: number): string =>
  REASONS[code] ?? `CLN reports that the payment failed (error code ${code}).`;
