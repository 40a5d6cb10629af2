import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Exchange } from "./fake-lnd.ts";

interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
}
interface Operation {
  parameters?: { in: string; name: string; schema?: Schema }[];
  responses: Record<string, { schema: Schema }>;
}
export interface Swagger {
  paths: Record<string, Record<string, Operation>>;
  definitions: Record<string, Schema>;
}

const checkout = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = `${process.env.L402_CONTRACTS_DIR ?? `${checkout}/../shared/contracts`}/lnd`;
const PARTS = ["lightning", "router"].map((part) => `${folder}/${part}.swagger.json`);

export const hasContracts = PARTS.every((part) => existsSync(part));

/** LND's own description of its REST API. */
export function readSwagger(): Swagger {
  const parts = PARTS.map((part): Swagger => JSON.parse(readFileSync(part, "utf8")));
  return {
    paths: Object.assign({}, ...parts.map(({ paths }) => paths)),
    definitions: Object.assign({}, ...parts.map(({ definitions }) => definitions)),
  };
}

/** What is wrong with an exchange, by LND's own description; nothing when it is as described. */
export function problemsOf(swagger: Swagger, { route, status, request, answers }: Exchange): string[] {
  const [method = "", path = ""] = route.split(" ");
  const template = Object.keys(swagger.paths).find((each) =>
    new RegExp(`^${each.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  const operation = template && swagger.paths[template]?.[method.toLowerCase()];
  if (!operation) return [`${route} is no operation`];
  const body = operation.parameters?.find((parameter) => parameter.in === "body")?.schema;
  const answered = operation.responses[String(status)]?.schema ?? operation.responses.default?.schema;
  // A stream wraps its errors, whatever its description says.
  const isWrapped = status !== 200 && path.startsWith("/v2/router/");
  return [
    ...(body ? mismatches(swagger, body, request, `${route} request`) : request ? [`${route} has a body`] : []),
    ...answers.flatMap((answer) => {
      const given = isWrapped ? (answer as { error: unknown }).error : answer;
      return answered ? mismatches(swagger, answered, given, `${route} answer`) : [`${route} answers ${status}`];
    }),
  ];
}

function mismatches(swagger: Swagger, schema: Schema, value: unknown, at: string): string[] {
  if (schema.$ref) {
    const definition = swagger.definitions[schema.$ref.replace("#/definitions/", "")];
    return definition ? mismatches(swagger, definition, value, at) : [`${schema.$ref} is not defined`];
  }
  if (schema.type === "array") {
    if (!Array.isArray(value) || !schema.items) return [`${at} is no list`];
    const { items } = schema;
    return value.flatMap((each, i) => mismatches(swagger, items, each, `${at}[${i}]`));
  }
  if (schema.type === "object") {
    if (typeof value !== "object" || value === null) return [`${at} is no object`];
    return Object.entries(value).flatMap(([name, each]) => {
      const property = schema.properties?.[name] ?? schema.additionalProperties;
      return property ? mismatches(swagger, property, each, `${at}.${name}`) : [`${at}.${name} does not exist`];
    });
  }
  const { type = "", format = "" } = schema;
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is none of ${schema.enum}`];
  return (SCALARS[format]?.(value) ?? typeof value === (type === "integer" ? "number" : type))
    ? []
    : [`${at} is no ${type}`];
}

const SCALARS: Record<string, (value: unknown) => boolean> = {
  // 64 bits do not fit into a number of JSON, so LND writes texts.
  int64: (value) => typeof value === "string" && /^-?\d{1,19}$/.test(value),
  uint64: (value) => typeof value === "string" && /^\d{1,20}$/.test(value),
  int32: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  byte: (value) =>
    typeof value === "string" && /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
};
