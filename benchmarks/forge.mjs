/** The header with another signature in its token, which looks as good as the right one. */
export function forge(header) {
  const [, token, preimage] = /^L402 (.+):(.+)$/.exec(header);
  const text = Buffer.from(token, "base64url").toString();
  const forged = text.replace(/"sig":"./, ($0) => `"sig":"${$0.endsWith("A") ? "B" : "A"}`);
  return Buffer.from(`L402 ${Buffer.from(forged).toString("base64url")}:${preimage}`).toString("latin1");
}
