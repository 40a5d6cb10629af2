import type { Step } from "./story.ts";

/** Tells what came back, a stream piece by piece. */
export async function tellResponse(response: Response, tell: (step: Step) => void): Promise<void> {
  const { status, headers } = response;
  const type = headers.get("content-type");
  if (type?.startsWith("text/event-stream")) {
    tell({ step: "response", status, body: "a stream:" });
    for await (const chunk of response.body ?? []) {
      for (const [, line = ""] of Buffer.from(chunk)
        .toString()
        .matchAll(/^data: (.*)$/gm)) {
        tell({ step: "stream", chunk: line });
      }
    }
    return;
  }
  const text = await response.text();
  tell({
    step: "response",
    status,
    body: type === "application/problem+json" ? problemInWords(JSON.parse(text)) : text,
  });
}

/** "Credential" is a word that nobody has met yet who sees this for the first time. */
const problemInWords = ({ code, title }: { code: string; title: string }) =>
  code === "CREDENTIAL_USED_UP" ? "Used up: pay again for more" : title;
