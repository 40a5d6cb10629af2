import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Exchange } from "@l402/testing";

interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  allOf?: Schema[];
}
type Content = { content?: { "application/json"?: { schema: Schema } } };
interface Operation {
  requestBody?: Content;
  responses: Record<string, Content>;
}
interface Swagger {
  paths: Record<string, Record<string, Operation>>;
  schemas: Record<string, Schema>;
}

const checkout = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = `${process.env.L402_CONTRACTS_DIR ?? `${checkout}/../shared/contracts`}/btcpay`;
const PARTS = ["lightning.store", "lightning.common", "webhooks"].map(
  (part) => `${folder}/swagger.template.${part}.json`,
);

export const hasContracts = PARTS.every((part) => existsSync(part));

/** BTCPay's own description of its API. */
export function readSwagger(): Swagger {
  const parts = PARTS.map((part) => JSON.parse(readFileSync(part, "utf8")));
  return {
    paths: Object.assign({}, ...parts.map(({ paths }) => paths)),
    schemas: Object.assign(
      // In a part that is not there.
      { TimeSpanSeconds: { type: "integer" }, UnixTimestamp: { type: "integer" }, StoreId: { type: "string" } },
      ...parts.map(({ components }) => components?.schemas),
    ),
  };
}

/** What is wrong with an exchange, by BTCPay's own description; nothing when it is as described. */
export function problemsOf(swagger: Swagger, { method, path, body, reply }: Exchange): string[] {
  const operation = findOperation(swagger, method, path);
  if (!operation) return [`${method} ${path} is no operation`];
  const requested = operation.requestBody?.content?.["application/json"]?.schema;
  const answered = operation.responses[String(reply.status)];
  const replied = answered?.content?.["application/json"]?.schema;
  return [
    ...(requested ? mismatches(swagger, requested, body === "" ? undefined : JSON.parse(body), "request") : []),
    ...(requested === undefined && body !== "" ? ["the request has a body"] : []),
    ...(answered ? [] : [`it does not answer ${reply.status}`]),
    ...(replied && reply.status < 300 ? mismatches(swagger, replied, reply.body, "reply") : []),
  ];
}

function findOperation({ paths }: Swagger, method: string, path: string): Operation | undefined {
  const candidates = Object.entries(paths).filter(([template]) =>
    new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  // A path without a variable at its end goes first: "pay" is no id.
  const found = candidates.find(([template]) => !template.endsWith("}")) ?? candidates[0];
  return found?.[1][method.toLowerCase()];
}

/** Stricter than the description: a field that it does not name is a mistake. */
export function mismatches(swagger: Swagger, schema: Schema, value: unknown, at: string): string[] {
  if (schema.$ref) {
    const target = swagger.schemas[schema.$ref.replace("#/components/schemas/", "")];
    return target ? mismatches(swagger, target, value, at) : [`${at}: ${schema.$ref} is nowhere`];
  }
  if (value === null) return schema.nullable ? [] : [`${at} is null`];
  const fields = flatten(swagger, schema);
  if (Object.keys(fields).length > 0) return fieldMismatches(swagger, fields, value, at);
  const { type = "", allOf = [] } = schema;
  return [
    ...(IS[type] && !IS[type](value) ? [`${at} is not of the type ${type}`] : []),
    ...(schema.enum && !schema.enum.includes(value) ? [`${at} is none of ${schema.enum}`] : []),
    ...allOf.flatMap((part) => mismatches(swagger, part, value, at)),
  ];
}

function fieldMismatches(swagger: Swagger, fields: Record<string, Schema>, value: unknown, at: string): string[] {
  if (!isObject(value)) return [`${at} is not an object`];
  return Object.entries(value).flatMap(([name, field]) => {
    const schema = fields[name];
    return schema ? mismatches(swagger, schema, field, `${at}.${name}`) : [`${at}.${name} is not described`];
  });
}

/** The fields of an object that is described in several pieces. */
function flatten(swagger: Swagger, { $ref, properties, allOf = [] }: Schema): Record<string, Schema> {
  const target = $ref ? swagger.schemas[$ref.replace("#/components/schemas/", "")] : undefined;
  return Object.assign(
    {},
    properties,
    target && flatten(swagger, target),
    ...allOf.map((part) => flatten(swagger, part)),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const IS: Record<string, (value: unknown) => boolean> = {
  object: isObject,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
};
