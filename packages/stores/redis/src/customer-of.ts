/** One customer may have a whole IPv6 /56, so its addresses count as one client. The same as in `@l402/core`. */
export function customerOf(clientKey: string): string {
  if (!/^(?=.*:)[0-9a-f:]+$/i.test(clientKey)) return clientKey.slice(0, 256);
  // "::" stands for as many zeros as are missing.
  const zeros = "0:".repeat(Math.max(0, 9 - clientKey.split(":").length));
  const groups = clientKey.toLowerCase().replace("::", `:${zeros}`).split(":", 4);
  return groups
    .map((group) => group.slice(0, 4).padStart(4, "0"))
    .join("")
    .slice(0, 14);
}
