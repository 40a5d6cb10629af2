import { paths } from "./paths.ts";
import { schemas } from "./schemas.ts";

export const openApiDocument = {
  openapi: "3.1.0",
  info: {
    title: "L402 managed service",
    version: "1.0.0",
    license: { name: "MIT", identifier: "MIT" },
    description:
      "Receives Lightning payments for sellers without a node, keeps 0.3 %, and pays out to their Lightning Addresses. " +
      "Amounts are whole millisatoshis. Every refusal is an RFC 9457 problem with a `code`.",
  },
  paths,
  components: {
    schemas,
    securitySchemes: {
      apiKey: {
        type: "http",
        scheme: "bearer",
        description: "For the seller's app: creates invoices and reads data. Cannot move money.",
      },
      ownerKey: { type: "http", scheme: "bearer", description: "For the owner only: moves money and reads data." },
    },
  },
};

const templates = Object.entries(paths).map(([path, operations]) => ({
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
  methods: Object.keys(operations).map((method) => method.toUpperCase()),
}));

/** The methods that the document has for a path. */
export const methodsOf = (path: string): string[] => [
  ...new Set(templates.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []))),
];
