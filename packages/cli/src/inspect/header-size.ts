import { type Check, warning } from "./check.ts";

/** nginx takes 4096 bytes by default. The rest is for what another hop may add. */
const MAX_BYTES = 4000;
const STATUS_LINE = "HTTP/1.1 402 Payment Required\r\n";

/** Warns if the headers of a 402 are so large that a proxy with its default settings answers 502 instead. */
export function checkHeaderSize(headers: Headers): Check[] {
  let bytes = `${STATUS_LINE}\r\n`.length;
  for (const [name, value] of headers) bytes += `${name}: ${value}\r\n`.length;
  if (bytes <= MAX_BYTES) return [];
  return [
    warning(
      `The headers of the 402 have ${bytes} bytes. nginx takes 4096 by default and answers 502 above that. In nginx, set "proxy_buffer_size 16k; proxy_buffers 8 16k;", or use shorter paths and descriptions.`,
      "HEADERS_TOO_LARGE",
    ),
  ];
}
