import { describe, expect, it } from "vitest";
import { readFields } from "../src/index.ts";

const body = {
  id: "a",
  empty: "",
  nothing: null,
  text64: "9007199254740991",
  tooLarge: "9007199254740993",
  signed: "-1",
  number: 7,
  below: -3,
  half: 1.5,
  yes: true,
  list: [{ id: "b" }],
  inside: { another: { id: "c" } },
};
const fields = readFields("LND", { body, fundsMoved: "maybe" });

describe("readFields", () => {
  it("reads what is there", () => {
    expect(fields.text("id")).toBe("a");
    expect(fields.text("inside.another.id")).toBe("c");
    expect(fields.text("list.0.id")).toBe("b");
    expect(fields.whole("number")).toBe(7);
    expect(fields.whole("below")).toBe(-3);
    expect(fields.whole("text64")).toBe(Number.MAX_SAFE_INTEGER);
    expect(fields.flag("yes")).toBe(true);
    expect(fields.list("list")).toHaveLength(1);
    expect(fields.find("nothing")).toBeNull();
  });

  it.each(["empty", "nothing", "number", "absent", "inside", "inside.absent.id", "id.length", "toString", "__proto__"])(
    "finds no text in %s",
    (path) => {
      expect(fields.optionalText(path)).toBeUndefined();
      expect(() => fields.text(path)).toThrow(
        `LND answered without a valid field "${path}". Expected: a non-empty text.`,
      );
    },
  );

  it.each(["id", "empty", "nothing", "tooLarge", "signed", "half", "yes", "absent"])(
    "finds no whole number in %s",
    (path) => {
      expect(fields.optionalWhole(path)).toBeUndefined();
      expect(() => fields.whole(path)).toThrow(/Expected: a whole number\./);
    },
  );

  it("finds no flag and no list elsewhere", () => {
    expect(() => fields.flag("id")).toThrow(/true or false/);
    expect(() => fields.list("inside")).toThrow(/a list/);
  });

  it("says what the error means for the money", () => {
    const error = { code: "PROVIDER_BAD_RESPONSE", fundsMoved: "maybe" };
    expect(() => fields.text("absent")).toThrow(expect.objectContaining(error));
    expect(fields.unknownValue("status")).toMatchObject(error);
  });

  it.each([undefined, null, "text", 7])("says of %j that it is no JSON object", (body) => {
    expect(() => readFields("LND", { body, fundsMoved: "no" }).text("id")).toThrow("LND answered, but not with JSON.");
  });

  it("shows no value of the answer", () => {
    const secret = readFields("LND", { body: { status: "sk_live" }, fundsMoved: "no" });
    expect(secret.unknownValue("status").message).not.toContain("sk_live");
  });
});
