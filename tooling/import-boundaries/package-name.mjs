/** `@scope/name/path` → `@scope/name` */
export const packageName = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
