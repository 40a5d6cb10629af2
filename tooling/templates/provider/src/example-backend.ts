import { type ConnectionOptions, createBackend } from "@l402/backend";
import { checkOption, refuseUnknownOptions } from "@l402/core";

export interface ExampleOptions extends ConnectionOptions {
  /** The URL of the API. */
  url: string | undefined;
  /** The API key. Say here which permissions it needs, and no more than those. */
  apiKey: string | undefined;
}

/** Creates the connection to Example. Throws a CONFIG_INVALID that names the option and the fix. */
export function createExampleBackend(owner: string, options: ExampleOptions) {
  refuseUnknownOptions(owner, options, ["url", "apiKey", "timeoutSeconds", "fetch"]);
  const { url, apiKey, timeoutSeconds, fetch } = options;
  checkOption(typeof apiKey === "string" && apiKey !== "", `${owner}: apiKey`, "the key that Example shows once");
  return createBackend({
    name: "Example",
    owner,
    url,
    headers: { authorization: `Bearer ${apiKey}` },
    timeoutSeconds,
    fetch,
  });
}
