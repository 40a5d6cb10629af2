-- Merchants take turns at being looked up, so each one's oldest invoice that is due has to be found, however many others have.
create index invoices_of_merchant_to_check on managed.invoices (merchant_id, next_check_at)
  where status <> 'settled' and next_check_at is not null and not is_keyless and kind <> 'direct';
