import { describe, expect, it } from "vitest";
import { decodeInvoice, InvoiceMalformedError } from "../src/index.ts";
import { refusalOf } from "./refusal.ts";

describe("InvoiceMalformedError", () => {
  it("is an error of this SDK, marked the way @l402/core marks its own", () => {
    const error = refusalOf(() => decodeInvoice("lnbc1"));
    expect(error).toBeInstanceOf(InvoiceMalformedError);
    expect(error).toBeInstanceOf(Error);
    expect(error.hint).toBe("Do not pay this invoice. Ask the seller for a new one.");
    expect(Object.getOwnPropertyDescriptor(error, Symbol.for("l402.error"))).toEqual({
      value: true,
      enumerable: false,
      configurable: false,
      writable: false,
    });
    expect(String(error)).toBe("L402Error: The invoice is too short.");
    expect(error.cause).toBeUndefined();
  });
});
