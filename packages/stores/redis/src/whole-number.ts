/** A whole number in Redis's reply, or NaN. Clients can be configured to return numbers as strings or BigInts. */
export function wholeNumber(answer: unknown): number {
  if (typeof answer === "number") return Number.isSafeInteger(answer) ? answer : Number.NaN;
  if (typeof answer !== "string" && typeof answer !== "bigint") return Number.NaN;
  return /^-?\d{1,15}$/.test(String(answer)) ? Number(answer) : Number.NaN;
}
