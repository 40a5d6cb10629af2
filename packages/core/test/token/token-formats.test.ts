import { describeTokenFormat } from "@l402/testing";
import { describe, it } from "vitest";
import { macaroonFormat, signedJsonFormat } from "../../src/index.ts";

for (const [name, format] of [
  ["signedJsonFormat", signedJsonFormat()],
  ["macaroonFormat", macaroonFormat()],
] as const) {
  describeTokenFormat({ describe, it }, { name, format });
}
