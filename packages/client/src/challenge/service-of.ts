/**
 * What a macaroon of a seller without JSON, such as Aperture, is for: its caveats, if the first names services. Their end
 * is left out, as it differs each time. A token that is bound to a path, or to anything else, says so there.
 */
export function serviceOf(token = ""): string | undefined {
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they separate the parts of a macaroon.
    return /B.{66}\0\x02.(services=.+)\0\0\x06/s.exec(atob(token))?.[1]?.replace(/_valid_until=\d+/g, "");
  } catch {
    return undefined;
  }
}
