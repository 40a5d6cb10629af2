import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface Schema {
  type?: string;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean;
  items?: Schema;
  oneOf?: Schema[];
  allOf?: Schema[];
  if?: Schema;
  then?: Schema;
  else?: Schema;
}
interface Method {
  request: Schema;
  response: Schema;
  examples: { request: { params: unknown }; response: unknown }[];
}

export const METHODS = ["invoice", "listinvoices", "xpay", "pay", "listpays"] as const;

const checkout = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = `${process.env.L402_CONTRACTS_DIR ?? `${checkout}/../shared/contracts`}/cln`;
export const hasContracts = METHODS.every((method) => existsSync(`${folder}/${method}.json`));

/** Core Lightning's own description of a method. */
export const readMethod = (method: string): Method => JSON.parse(readFileSync(`${folder}/${method}.json`, "utf8"));

/** What is wrong with parameters: unknown ones are refused, whatever the schema says. */
export const problemsOfParams = ({ request }: Method, params: unknown): string[] =>
  problems({ type: "object", ...request, additionalProperties: false }, params, "params");

export const problemsOfAnswer = ({ response }: Method, body: unknown): string[] =>
  problems({ type: "object", ...response }, body, "answer");

function problems(schema: Schema, value: unknown, at: string): string[] {
  const found: string[] = [];
  if (schema.type && !TYPES[schema.type]?.(value)) return [`${at} is no ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is none of ${schema.enum}`];
  if (schema.oneOf && !schema.oneOf.some((each) => problems(each, value, at).length === 0))
    found.push(`${at} fits none`);
  if (Array.isArray(value) && schema.items) {
    const { items } = schema;
    found.push(...value.flatMap((each, i) => problems(items, each, `${at}[${i}]`)));
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const { properties = {}, required = [], additionalProperties = true } = schema;
    found.push(...required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`));
    for (const [name, each] of Object.entries(value)) {
      const property = properties[name];
      if (property) found.push(...problems(property, each, `${at}.${name}`));
      else if (!additionalProperties) found.push(`${at}.${name} does not exist`);
    }
  }
  for (const each of schema.allOf ?? []) found.push(...conditional(each, value, at));
  return found;
}

function conditional(schema: Schema, value: unknown, at: string): string[] {
  if (!schema.if) return problems(schema, value, at);
  const branch = problems(schema.if, value, at).length === 0 ? schema.then : schema.else;
  return branch ? problems(branch, value, at) : [];
}

const text = (value: unknown): value is string => typeof value === "string";
const whole =
  (bits: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** bits;
const hex =
  (length: number) =>
  (value: unknown): boolean =>
    text(value) && new RegExp(`^([0-9a-f]{2}){${length}}$`).test(value);

/** The types of `rpc-schema-draft.json` that these methods use. */
const TYPES: Record<string, (value: unknown) => boolean> = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: text,
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  u64: whole(64),
  u32: whole(32),
  u16: whole(16),
  hash: hex(32),
  secret: hex(32),
  txid: hex(32),
  pubkey: hex(33),
  hex: (value) => text(value) && /^([0-9a-f]{2})*$/.test(value),
  // Requests may have a unit.
  msat: (value) => whole(64)(value) || (text(value) && /^\d+msat$/.test(value)),
  msat_or_any: (value) => value === "any" || whole(64)(value) || (text(value) && /^\d+msat$/.test(value)),
  short_channel_id: (value) => text(value) && /^\d+x\d+x\d+$/.test(value),
};
