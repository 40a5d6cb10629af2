import { describe, expect, it } from "vitest";
import { createLookupLine } from "../src/lookup-line.ts";

/** Two lookups a second, and who may look up of those who ask in one second, in this order. */
function openLine() {
  const mayLookUp = createLookupLine(2);
  return (second: number, asking: string) =>
    asking
      .split(" ")
      .filter((invoice) => mayLookUp(invoice, invoice[0] as string, second * 1000))
      .join(" ");
}

describe("the line for lookups", () => {
  it("is not there while there are not more than may be looked up", () => {
    const ask = openLine();
    expect(ask(1, "a1 b1")).toBe("a1 b1");
    expect(ask(2, "b1 a1")).toBe("b1 a1");
  });

  it("gives each second to those who wait longest, however late in it they ask", () => {
    const ask = openLine();
    expect(ask(1, "a1 b1 c1 d1 e1")).toBe("a1 b1");
    expect(ask(2, "a1 b1 e1 d1 c1")).toBe("d1 c1");
    expect(ask(3, "a1 b1 c1 d1 e1")).toBe("a1 e1");
  });

  it("lets clients take turns, however many invoices one of them has", () => {
    const ask = openLine();
    expect(ask(1, "a1 a2 a3 a4 a5 a6 b1")).toBe("a1 a2");
    expect(ask(2, "a1 a2 a3 a4 a5 a6 b1")).toBe("a3 b1");
    expect(ask(3, "a1 a2 a3 a4 a5 a6 b1 b2")).toBe("a4 a5");
    expect(ask(4, "a1 a2 a3 a4 a5 a6 b1 b2")).toBe("a6 b1");
  });

  it("calls who has had a turn again after all others, however many clients have more to ask", () => {
    const ask = openLine();
    expect(ask(1, "a1 a2 a3 a4 b1 b2 c1")).toBe("a1 a2");
    expect(ask(2, "a3 a4 b1 b2 c1")).toBe("a3 b1");
    expect(ask(3, "a4 b2 c1")).toBe("a4 c1");
  });

  it("gives an invoice one place, and keeps what nobody uses for who comes later in the second", () => {
    const ask = openLine();
    expect(ask(1, "a1 b1 c1 c1 c1 d1")).toBe("a1 b1");
    expect(ask(2, "x1 d1 c1")).toBe("d1 c1");
    expect(ask(3, "a1 x1")).toBe("a1 x1");
  });

  it("takes the place of who has not asked for some seconds", () => {
    const ask = openLine();
    expect(ask(1, "a1 b1 c1 d1 e1")).toBe("a1 b1");
    expect(ask(4, "x1 e1")).toBe("");
    expect(ask(5, "x1 e1")).toBe("x1 e1");
  });

  it("goes on when the clock was set back", () => {
    const ask = openLine();
    expect(ask(9000, "a1 b1 c1 d1")).toBe("a1 b1");
    expect(ask(1, "a1 b1")).toBe("a1 b1");
  });
});
