import { expect, it } from "vitest";
import { createNodeWatch } from "../../src/invoices/node-watch.ts";
import type { Notices } from "../../src/merchants/notices.ts";

it("a node that says nothing for five minutes is told once, and again after it has answered in between", async () => {
  const alarms: string[] = [];
  const watch = createNodeWatch({
    alarm: async (_: string, text: string) => void alarms.push(text),
  } as unknown as Notices);
  const at = (minute: number) => new Date(minute * 60_000);
  const [silent, answers] = [[0, [new Error("It is away.")]] as const, [1, [new Error("It is away.")]] as const];
  for (const minute of [0, 2, 4]) await watch.saw(...silent, at(minute));
  await watch.saw(...answers, at(5));
  for (const minute of [6, 8, 10]) await watch.saw(...silent, at(minute));
  expect(alarms).toEqual([]);
  // Nothing was asked, which says nothing.
  await watch.saw(0, [], at(11));
  for (const minute of [12, 20, 600]) await watch.saw(...silent, at(minute));
  expect(alarms).toEqual([expect.stringContaining("no payment is credited: It is away.")]);
  await watch.saw(...answers, at(601));
  for (const minute of [602, 610]) await watch.saw(...silent, at(minute));
  expect(alarms).toHaveLength(2);
});
