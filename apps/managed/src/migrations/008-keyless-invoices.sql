-- Invoices that were made for whoever named an address, and had no key. Anybody can have many made, so they are looked up
-- apart from merchants' invoices, and less often.
alter table managed.invoices add column is_keyless boolean not null default false;

drop index managed.invoices_to_check;
create index invoices_to_check on managed.invoices (next_check_at)
  where status <> 'settled' and next_check_at is not null and not is_keyless;
create index keyless_invoices_to_check on managed.invoices (next_check_at)
  where status <> 'settled' and next_check_at is not null and is_keyless;
