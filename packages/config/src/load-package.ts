import { invalid } from "./environment.ts";

/** Loads a package that the app may not have. */
export async function loadPackage<Module extends object>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    const isMissing = /^(ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND)$/.test(String(code)) && String(message).includes(name);
    if (!isMissing) throw error;
    throw invalid(`${name} is not installed.`, `npm install ${name}`);
  }
}
