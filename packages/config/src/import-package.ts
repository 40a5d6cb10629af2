import { invalid } from "./environment.ts";

/**
 * Loads a package that the app may not have installed. Each package has its own `import`, and all are inside one `try`.
 * So bundlers find the installed packages, and do not fail for the others.
 */
export async function importPackage(name: string, install: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    switch (name) {
      case "@l402/alby":
        return await import("@l402/alby");
      case "@l402/blink":
        return await import("@l402/blink");
      case "@l402/btcpay":
        return await import("@l402/btcpay");
      case "@l402/client/node":
        return await import("@l402/client/node");
      case "@l402/cln":
        return await import("@l402/cln");
      case "@l402/lightning-charge":
        return await import("@l402/lightning-charge");
      case "@l402/lnbits":
        return await import("@l402/lnbits");
      case "@l402/lnd":
        return await import("@l402/lnd");
      case "@l402/lnurl":
        return await import("@l402/lnurl");
      case "@l402/managed":
        return await import("@l402/managed");
      case "@l402/opennode":
        return await import("@l402/opennode");
      case "@l402/phoenixd":
        return await import("@l402/phoenixd");
      case "@l402/redis":
        return await import("@l402/redis");
      case "@l402/supabase":
        return await import("@l402/supabase");
      case "ioredis":
        return await import("ioredis");
      default:
        throw new Error(`import-package.ts does not know ${name}.`);
    }
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    // The message also names the importing file, so the package name alone would not prove that the package is missing.
    const isAbsent = new RegExp(`["']${name.replace("/node", "")}["'/]`).test(String(message));
    const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(String(code)) && isAbsent;
    if (!isMissing) throw error;
    throw invalid(`The package ${name} is not installed.`, `Run: npm install ${install}`);
  }
}
