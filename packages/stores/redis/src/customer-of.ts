/** One customer may have a whole IPv6 /56, so its addresses count as one client. The same as in `@l402/core`. */
export function customerOf(clientKey: string): string {
  if (!/^(?=.*:)[0-9a-f:]+$/i.test(clientKey)) return clientKey.slice(0, 256);
  const [before = [], after = []] = clientKey.toLowerCase().split("::", 2).map(groupsOf);
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  const groups = [...before, ...zeros, ...after].slice(0, 4).map((group) => group.slice(0, 4).padStart(4, "0"));
  return groups.join("").slice(0, 14);
}

const groupsOf = (text: string) => (text === "" ? [] : text.split(":"));
