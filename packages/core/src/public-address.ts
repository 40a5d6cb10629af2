/**
 * True if an IP address is on the public internet. Only addresses that are known to be public count as public: new
 * private ranges appear, and some addresses lead into others.
 */
export const isPublicAddress = (address: string): boolean =>
  address.includes(":") ? isPublicIpv6(address) : isPublicIpv4(address);

function isPublicIpv4(address: string): boolean {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return false;
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  if ([a, b, c, d].some((byte) => byte > 255)) return false;
  return !(
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    // The metadata services of clouds; Azure has one more, at a public address.
    (a === 169 && b === 254) ||
    address === "168.63.129.16" ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 192 && b === 88 && c === 99) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224
  );
}

/**
 * All assigned addresses are in 2000::/3. Within it, 2001::/23, the documentation range and 6to4, which wraps IPv4, are
 * not hosts.
 */
function isPublicIpv6(address: string): boolean {
  const [first = "", second = ""] = address.split(":");
  if (!/^[0-9a-f]{1,4}$/i.test(first)) return false;
  const [high, low] = [Number.parseInt(first, 16), Number.parseInt(second || "0", 16)];
  if (high < 0x2000 || high > 0x3fff || Number.isNaN(low)) return false;
  if (high === 0x2001) return low >= 0x200 && low !== 0xdb8;
  return high !== 0x2002 && !(high === 0x3fff && low < 0x1000);
}
