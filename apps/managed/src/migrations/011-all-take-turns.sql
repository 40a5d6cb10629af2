-- The same for invoices of whoever has no key, and for direct sales.
create index keyless_invoices_of_merchant_to_check on managed.invoices (merchant_id, next_check_at)
  where status <> 'settled' and next_check_at is not null and is_keyless;
create index direct_invoices_of_merchant_to_check on managed.invoices (merchant_id, next_check_at)
  where status <> 'settled' and next_check_at is not null and not is_keyless and kind = 'direct';
