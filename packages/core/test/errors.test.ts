import { InvoiceMalformedError } from "@l402/bolt11";
import { describe, expect, it } from "vitest";
import { CLIENT_ERROR_CODES } from "../src/client-error-codes.ts";
import { ERROR_CODES } from "../src/error-codes.ts";
import { type ClientErrorCode, clientError, isL402Error, L402Error, type L402ErrorCode } from "../src/index.ts";

describe("L402Error", () => {
  it("of a refused credential has no stack, which would cost more than all the rest of refusing; others have one", () => {
    const limit = Error.stackTraceLimit;
    expect(new L402Error("CREDENTIAL_EXPIRED").stack).toBe("L402Error: Credential expired.");
    expect(new L402Error("INTERNAL").stack).toContain("errors.test.ts");
    expect(Error.stackTraceLimit).toBe(limit);
  });

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
    expect(error).toMatchObject({ code: "INVOICE_MALFORMED", hint: CLIENT_ERROR_CODES.INVOICE_MALFORMED.hint });
  });

  it("of a buyer carries what its code says, and what is said beside it", () => {
    const { title, ...entry } = CLIENT_ERROR_CODES.PAYMENT_OUTCOME_UNKNOWN;
    const error = clientError("PAYMENT_OUTCOME_UNKNOWN");
    expect(error).toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", message: `${title}.`, ...entry });
    expect(error).not.toHaveProperty("status");
    expect(clientError("PAYMENT_FAILED", "No route.", { retryable: false, hint: "x" })).toMatchObject({
      message: "No route.",
      retryable: false,
      hint: "x",
      fundsMoved: "no",
    });
  });

  it("of a buyer makes do without the entry where only a server's table is", () => {
    expect(new L402Error("BUDGET_EXCEEDED")).toMatchObject({
      message: "Budget exceeded.",
      retryable: false,
      fundsMoved: "no",
      hint: "",
    });
  });

  it.each(Object.entries(CLIENT_ERROR_CODES))("%s says what happened and what to do", (code, entry) => {
    expect(clientError(code as ClientErrorCode).message).toMatch(/^[A-Z][a-z ,]*[^. ]\.$/);
    expect(entry.hint).toMatch(/^[A-Z].*\.$/);
    expect(clientError(code as ClientErrorCode, "x").hint).toBe(entry.hint);
  });

  it.each(Object.entries(ERROR_CODES))("%s says what happened and what to do", (code, entry) => {
    expect(new L402Error(code as L402ErrorCode).message).toMatch(/^[A-Z][a-z ]*[^. ]\.$/);
    expect(entry.hint).toMatch(/^[A-Z].*\.$/);
    expect(new L402Error(code as L402ErrorCode, "x").code).toBe(code);
  });
});
