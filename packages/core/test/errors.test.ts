import { InvoiceMalformedError } from "@l402/bolt11";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, isL402Error, L402Error, type L402ErrorCode } from "../src/index.ts";

describe("L402Error", () => {
  it("carries what its code says", () => {
    const error = new L402Error("STORE_UNAVAILABLE", "Redis is down.");
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", status: 503, retryable: true, fundsMoved: "no" });
    expect(error.hint).toBe(ERROR_CODES.STORE_UNAVAILABLE.hint);
    expect(String(error)).toBe("L402Error: Redis is down.");
  });

  it("is recognised across two copies of the package, and nothing else is", () => {
    const other = Object.assign(new Error("x"), { [Symbol.for("l402.error")]: true, code: "INTERNAL" });
    expect(isL402Error(other)).toBe(true);
    for (const value of [new Error("x"), { code: "INTERNAL" }, null, undefined, "L402Error"]) {
      expect(isL402Error(value)).toBe(false);
    }
  });

  it("is what a malformed invoice throws, with the hint of the table", () => {
    const error = new InvoiceMalformedError("x");
    expect(isL402Error(error)).toBe(true);
    expect(error).toMatchObject({ code: "INVOICE_MALFORMED", hint: ERROR_CODES.INVOICE_MALFORMED.hint });
  });

  it.each(Object.entries(ERROR_CODES))("%s says what happened and what to do", (code, entry) => {
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/);
    expect(entry.hint).toMatch(/^[A-Z].*\.$/);
    expect(new L402Error(code as L402ErrorCode, "x").code).toBe(code);
  });
});
