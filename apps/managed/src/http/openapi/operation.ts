import { PROBLEMS, type ProblemCode } from "../../problem.ts";
import { ref, type schemas } from "./schemas.ts";

type Schema = keyof typeof schemas;

interface Answer {
  description: string;
  schema?: Schema;
  contentType?: string;
}

export interface Operation {
  summary: string;
  /** A public operation needs no key; an optional one takes it; what moves money takes the owner's. */
  key?: "needed" | "optional" | "owner";
  body?: Schema;
  parameters?: readonly object[];
  answers: Record<number, Answer>;
  problems?: readonly ProblemCode[];
}

export const json = (schema: Schema, description: string): Answer => ({ description, schema });

const SECURITY = {
  needed: [{ apiKey: [] }, { ownerKey: [] }],
  optional: [{ apiKey: [] }, { ownerKey: [] }, {}],
  owner: [{ ownerKey: [] }],
};

/** What every operation may answer. */
const ANYWHERE: readonly ProblemCode[] = ["TOO_MANY_REQUESTS", "NODE_UNAVAILABLE", "INTERNAL"];
const WITH_BODY: readonly ProblemCode[] = ["BODY_INVALID", "BODY_TOO_LARGE"];

/** An operation as OpenAPI has it. */
export function operation({ summary, key, body, parameters = [], answers, problems = [] }: Operation) {
  const codes = [...problems, ...ANYWHERE, ...(body ? WITH_BODY : []), ...(key ? (["KEY_WRONG"] as const) : [])];
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code][0]))].sort((a, b) => a - b);
  return {
    summary,
    ...(key && { security: SECURITY[key] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: ref(body) } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { description, schema, contentType = "application/json" }]) => [
          status,
          {
            description,
            ...(schema && { content: { [contentType]: { schema: ref(schema) } } }),
            ...(!schema &&
              contentType === "text/csv" && { content: { [contentType]: { schema: { type: "string" } } } }),
          },
        ]),
      ),
      ...Object.fromEntries(
        statuses
          .filter((status) => !(status in answers))
          .map((status) => [
            status,
            {
              description: codes.filter((code) => PROBLEMS[code][0] === status).join(", "),
              content: { "application/problem+json": { schema: ref("Problem") } },
            },
          ]),
      ),
    },
  };
}
