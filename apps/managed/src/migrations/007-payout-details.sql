-- Of a payout: what the wallet or a server said, for the operator alone, and whether the wallet has refused it while it
-- could not be asked whether that is so.
alter table managed.payouts add column detail text, add column is_refused boolean not null default false;

-- Merchants without an account are not parked any more: nobody could resume them.
update managed.merchants set parked_at = null where key_hash is null;

-- Invoices that are not looked at any more.
create index invoices_given_up on managed.invoices (expires_at) where status = 'open' and next_check_at is null;
