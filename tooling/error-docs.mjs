// The page about errors, as Markdown.

const INTRODUCTION = `<!-- Generated from error-codes.ts and client-error-codes.ts in packages/core/src by \`npm run docs:errors\`. Do not edit. -->

# Errors

<!-- given: work: () => Promise<void>; tryAgainLater: () => void -->

What fails is an \`L402Error\` with a \`code\` of this list. Tell errors apart by \`code\`, never by \`message\`:

\`\`\`ts
import { isL402Error } from "@l402/core";

try {
  await work();
} catch (error) {
  if (isL402Error(error) && error.code === "PROVIDER_TIMEOUT") tryAgainLater();
  else throw error;
}
\`\`\`

A paywall answers with the same codes over HTTP, as \`code\` in a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).
An error can know more than its code does: its own \`hint\`, \`retryable\` and \`fundsMoved\` come first. What is
wrong with a seller's backend (\`PROVIDER_…\`) is for the seller to read, in \`onEvent\`: buyers only get the code, and that it is
worth while to try again.`;

const MONEY = {
  no: "No.",
  yes: "Yes.",
  maybe: "Perhaps. Find out before paying again.",
};

/** As `titleOf` in packages/core/src/errors.ts. */
const titleOf = (code) => (code[0] + code.slice(1).toLowerCase()).replaceAll("_", " ");

export function errorDocs(codes) {
  const entries = Object.entries(codes);
  return `${[INTRODUCTION, overview(entries), ...entries.map(section)].join("\n\n")}\n`;
}

function overview(entries) {
  const rows = entries.map(([code, { title = titleOf(code), status, retryable, fundsMoved = "no" }]) =>
    row([`[\`${code}\`](#${code.toLowerCase()})`, title, status ?? "–", retryable ? "yes" : "no", fundsMoved]),
  );
  return [
    row(["Code", "What happened", "Status", "Retryable", "Money moved"]),
    row(Array(5).fill("---")),
    ...rows,
  ].join("\n");
}

const row = (cells) => `| ${cells.join(" | ")} |`;

const section = ([code, { title = titleOf(code), hint, status, retryable, fundsMoved = "no" }]) => `## \`${code}\`

**${title}.**

- HTTP status: ${status ?? "none, it is not an answer of a paywall."}
- Retryable: ${retryable ? "Yes. The same request can succeed later, unchanged." : "No. The same request fails again."}
- Did money move? ${MONEY[fundsMoved]}
- What to do: ${hint}`;
