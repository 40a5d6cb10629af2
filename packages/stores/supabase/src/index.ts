export type { SupabaseAnswer, SupabaseCall, SupabaseClient, SupabaseConnection } from "./supabase-client.ts";
export { createSupabasePaymentLog, type SupabasePaymentLogOptions } from "./supabase-payment-log.ts";
export { createSupabaseUseStore, type SupabaseUseStoreOptions } from "./supabase-use-store.ts";
