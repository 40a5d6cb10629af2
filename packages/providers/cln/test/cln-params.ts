export type Params = Record<string, unknown>;
type Kind = (value: unknown) => boolean;

const text: Kind = (value) => typeof value === "string";
const flag: Kind = (value) => typeof value === "boolean";
const whole =
  (bits: number): Kind =>
  (value) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** bits;
const msat: Kind = (value) => whole(53)(value) || (typeof value === "string" && /^\d+(msat|sat)?$/.test(value));
const hash: Kind = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** What each method takes; the first ones are needed. */
const METHODS: Record<string, { needed: Record<string, Kind>; optional: Record<string, Kind> }> = {
  invoice: {
    needed: { amount_msat: (value) => value === "any" || msat(value), label: text, description: text },
    optional: { expiry: whole(53), exposeprivatechannels: flag, deschashonly: flag, preimage: hash, cltv: whole(32) },
  },
  listinvoices: { needed: {}, optional: { payment_hash: hash, label: text, invstring: text } },
  xpay: { needed: { invstring: text }, optional: { maxfee: msat, retry_for: whole(32), maxdelay: whole(32) } },
  pay: { needed: { bolt11: text }, optional: { maxfee: msat, retry_for: whole(16), label: text } },
  listpays: { needed: {}, optional: { payment_hash: hash, bolt11: text } },
};

/** Refuses what Core Lightning refuses: unknown parameters, other types, and letters that are written as \u…. */
export function checkParams(
  method: string,
  json: string,
  params: Params,
  fault: (code: number, message: string) => Error,
): void {
  const known = METHODS[method];
  if (!known) return;
  const { needed, optional } = known;
  for (const name of Object.keys(needed)) {
    if (!(name in params)) throw fault(-32602, `missing required parameter: ${name}`);
  }
  for (const [name, value] of Object.entries(params)) {
    const kind = needed[name] ?? optional[name];
    if (!kind) throw fault(-32602, `unknown parameter: ${name}`);
    if (!kind(value)) throw fault(-32602, `${name}: wrong type`);
  }
  if (/\\u/.test(json)) throw fault(-32602, "description: cannot use \\u escapes");
}
