import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { openApiDocument } from "../../src/http/openapi/openapi-document.ts";
import type { Answer } from "./served.ts";

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
// biome-ignore lint/suspicious/noExplicitAny: its types are made for another module format.
(addFormats as any)(ajv);
ajv.addSchema({ $id: "api", components: openApiDocument.components });

const compiled = new Map<object, ValidateFunction>();
const validatorOf = (schema: object): ValidateFunction => {
  const known = compiled.get(schema);
  if (known) return known;
  const made = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')));
  compiled.set(schema, made);
  return made;
};

const operations = Object.entries(openApiDocument.paths).map(([path, methods]) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
  methods: methods as Record<string, Operation>,
}));

/** Throws where an answer is not what the document says: its status, its type, or a field of its body. */
export function checkAgainstDocument(method: string, path: string, { status, headers, body }: Answer): void {
  const found = operations.find((each) => each.pattern.test(path) && each.methods[method.toLowerCase()]);
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  if (!found) {
    // Not in the document, so it may only be refused.
    if (![400, 404, 405].includes(status)) throw new Error(`${method} ${path} is not in the document: ${status}`);
    check("a refusal", { $ref: "#/components/schemas/Problem" }, body);
    return;
  }
  const name = `${method} ${found.path} ${status}`;
  const response = found.methods[method.toLowerCase()]?.responses[status];
  if (!response) throw new Error(`${name} is not in the document: ${JSON.stringify(body)}`);
  if (!response.content) return;
  const content = response.content[type];
  if (!content) throw new Error(`${name} is ${type}, and should be ${Object.keys(response.content).join(" or ")}`);
  check(name, content.schema, body);
}

function check(name: string, schema: object, body: unknown): void {
  const validate = validatorOf(schema);
  if (!validate(body)) {
    throw new Error(`${name} is not as documented: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`);
  }
}
