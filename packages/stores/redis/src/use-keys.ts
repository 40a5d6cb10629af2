const HASH = /^[0-9a-f]{64}(?:$|:)/;

/**
 * Answers where a use is counted: for a payment hash, under its first 15 digits, which saves a third of the memory.
 * Nobody chooses a payment hash, so two with the same beginning are chance: among ten million tokens that are counted at
 * once, a new one meets another in one of 10^11 cases, and is then refused as used. In a cluster, what is in braces decides
 * where a key goes: all keys of one token go to one node.
 */
export function createUseKeys(prefix: string): (key: string) => string {
  return (key) => (HASH.test(key) ? `${prefix}{${key.slice(0, 15)}}${key.slice(64)}` : `${prefix}use:{${key}}`);
}
