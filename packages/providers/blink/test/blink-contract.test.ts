import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  buildSchema,
  findBreakingChanges,
  parse,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { describe, expect, it } from "vitest";
import * as documents from "../src/blink-documents.ts";
import { schema } from "./blink-schema.ts";

const folder =
  process.env.L402_CONTRACTS_DIR ?? fileURLToPath(new URL("../../../../../shared/contracts", import.meta.url));
const file = `${folder}/blink/public-schema.graphql`;
const all = Object.entries(documents);

describe("the documents", () => {
  it.each(all)("%s asks for what the fake answers", (_, document) => {
    expect(validate(schema, parse(document))).toEqual([]);
  });

  it.each(all)("%s is a constant with variables and no values", (_, document) => {
    expect(document).not.toMatch(/["$]{|: *"|: *\d/);
  });

  it("both places of a preimage are asked for, because Blink pays its own accounts without Lightning", () => {
    for (const document of [documents.PAY_INVOICE, documents.LOOK_UP_PAYMENTS]) {
      expect(document).toMatch(/SettlementViaLn { preImage }/);
      expect(document).toMatch(/SettlementViaIntraLedger { preImage }/);
    }
  });
});

const describeContract = existsSync(file) ? describe : describe.skip;

describeContract("Blink's own schema (skipped where the vendor contracts are not here)", () => {
  const contract = () => buildSchema(readFileSync(file, "utf8"));

  it.each(all)("%s is valid", (_, document) => {
    expect(validate(contract(), parse(document), specifiedRules)).toEqual([]);
  });

  it.each(all)("%s uses nothing that is deprecated", (_, document) => {
    const types = new TypeInfo(contract());
    const deprecated: string[] = [];
    visit(
      parse(document),
      visitWithTypeInfo(types, {
        Field: ({ name }) => void (types.getFieldDef()?.deprecationReason && deprecated.push(name.value)),
      }),
    );
    expect(deprecated).toEqual([]);
  });

  it("has all that the fake has, in the same types", () => {
    // From the fake to the real one: whatever is missing or of another type there would break who relies on the fake.
    const harmless = /^(TYPE_ADDED|REQUIRED_INPUT_FIELD_ADDED)$/;
    const broken = findBreakingChanges(schema, contract()).filter(({ type }) => !harmless.test(type));
    expect(broken).toEqual([]);
  });

  it("makes no field necessary that is not sent", () => {
    const added = findBreakingChanges(schema, contract()).map(({ type, description }) => `${type}: ${description}`);
    expect(added.filter((text) => text.startsWith("REQUIRED_INPUT_FIELD_ADDED"))).toEqual([]);
  });
});
