type Kind = "text" | "int64" | "int32" | "flag" | "bytes";

/** `lnrpc.Invoice`, as far as it may be sent. */
export const INVOICE_FIELDS: Record<string, Kind> = {
  memo: "text",
  r_preimage: "bytes",
  r_hash: "bytes",
  value: "int64",
  value_msat: "int64",
  description_hash: "bytes",
  expiry: "int64",
  fallback_addr: "text",
  cltv_expiry: "int64",
  private: "flag",
};

/** `routerrpc.SendPaymentRequest`, as far as it makes sense for an invoice. */
export const SEND_FIELDS: Record<string, Kind> = {
  payment_request: "text",
  amt: "int64",
  amt_msat: "int64",
  timeout_seconds: "int32",
  fee_limit_sat: "int64",
  fee_limit_msat: "int64",
  no_inflight_updates: "flag",
  max_parts: "int32",
  cancelable: "flag",
};

const KINDS: Record<Kind, (value: unknown) => boolean> = {
  text: (value) => typeof value === "string",
  int64: (value) => Number.isInteger(value) || (typeof value === "string" && /^-?\d{1,19}$/.test(value)),
  int32: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  flag: (value) => typeof value === "boolean",
  bytes: (value) => typeof value === "string" && /^[\w+/-]*={0,2}$/.test(value),
};

/** What Go's protojson refuses: unknown names and values of another type. */
export function checkFields(body: object, fields: Record<string, Kind>, refuse: (what: string) => never): void {
  for (const [name, value] of Object.entries(body)) {
    const kind = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!kind) refuse(`unknown field "${name}"`);
    if (!KINDS[kind](value)) refuse(`invalid value for ${kind} field ${name}`);
  }
}
