import type { ConnectionOptions } from "@l402/backend";
import { checkOption, refuseUnknownOptions } from "@l402/core";

export interface ManagedOptions extends ConnectionOptions {
  /**
   * The URL of the service. It has no default, because the service's operator holds your money until it is paid out.
   */
  url: string | undefined;
  /** Your Lightning Address, such as `you@example.com`, to sell without an account. Use it instead of `apiKey`. */
  lightningAddress?: string | undefined;
  /** The key of an account at the service. Use it instead of `lightningAddress`. */
  apiKey?: string | undefined;
  /** For an account in direct mode: its invoices come from your own Lightning Address. */
  direct?: boolean | undefined;
  /** For other services that offer only `POST /api/invoice { amountSats, ownerAddress }`. */
  compatible?: boolean | undefined;
}

const OPTIONS = ["url", "lightningAddress", "apiKey", "direct", "compatible", "timeoutSeconds", "fetch"];
const ADDRESS = /^[^\s@/]{1,64}@[^\s@/]{3,255}$/;

/** Checks all options. Throws CONFIG_INVALID. */
export function checkManagedOptions(options: ManagedOptions) {
  refuseUnknownOptions("createManaged", options, OPTIONS);
  const { lightningAddress, apiKey, direct = false, compatible = false } = options;
  checkOption(
    (lightningAddress === undefined) !== (apiKey === undefined),
    "createManaged: lightningAddress or apiKey",
    "set, but not both",
  );
  checkOption(
    lightningAddress === undefined || (typeof lightningAddress === "string" && ADDRESS.test(lightningAddress)),
    "createManaged: lightningAddress",
    "a Lightning Address such as you@example.com",
  );
  checkOption(
    apiKey === undefined || (typeof apiKey === "string" && /^[!-~]{20,200}$/.test(apiKey)),
    "createManaged: apiKey",
    "the API key that the service returned when the account was created (POST /v1/merchants)",
  );
  // SECURITY: the key that moves money has no business on a server (create-managed.test.ts, "owner's key").
  checkOption(
    !apiKey?.startsWith("l402o_"),
    "createManaged: apiKey",
    "the apiKey of the account (l402m_…), and not its ownerKey, which moves money and is kept off the server",
  );
  const isFlag = (value: unknown) => typeof value === "boolean";
  checkOption(isFlag(direct), "createManaged: direct", "true or false");
  checkOption(isFlag(compatible), "createManaged: compatible", "true or false");
  checkOption(!direct || apiKey !== undefined, "createManaged: direct", "left out, or used with an apiKey");
  checkOption(
    !compatible || lightningAddress !== undefined,
    "createManaged: compatible",
    "left out, or used with a lightningAddress",
  );
  return { lightningAddress, apiKey, direct, compatible };
}
