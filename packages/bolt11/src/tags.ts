// The types of tagged fields, and the lengths in 5-bit words of those with a fixed length.

export const PAYMENT_HASH = 1;
export const ROUTE_HINT = 3;
export const FEATURE_BITS = 5;
export const EXPIRY = 6;
export const FALLBACK_ADDRESS = 9;
export const DESCRIPTION = 13;
export const PAYMENT_SECRET = 16;
export const PAYEE = 19;
export const DESCRIPTION_HASH = 23;
export const MIN_FINAL_CLTV_EXPIRY_DELTA = 24;
export const METADATA = 27;

export const HASH_LENGTH = 52;
export const PAYEE_LENGTH = 53;
export const MAX_FIELD_LENGTH = 1023;
