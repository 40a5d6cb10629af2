-- Merchants, and which invoice is whose.
create table managed.merchants (
  id text primary key check (id ~ '^[a-z0-9]{8,40}$'),
  lightning_address text not null,
  -- SHA-256 of the API key, and of the owner's, which alone moves money. Without keys, a merchant is nothing but its
  -- address: nobody can withdraw elsewhere.
  key_hash bytea unique check (octet_length(key_hash) = 32),
  owner_key_hash bytea unique check (octet_length(owner_key_hash) = 32),
  mode text not null default 'custodial' check (mode in ('custodial', 'direct')),
  created_at timestamptz not null,
  next_address text,
  next_address_at timestamptz,
  -- Payouts to the address: when to try again, and since when nobody tries any more.
  payout_failures integer not null default 0,
  next_payout_at timestamptz not null,
  parked_at timestamptz,
  -- What the address was found to take.
  min_sendable_msat bigint,
  max_sendable_msat bigint,
  check ((next_address is null) = (next_address_at is null)),
  check ((key_hash is null) = (owner_key_hash is null))
);
create unique index one_per_address on managed.merchants (lightning_address) where key_hash is null;

create function managed.open_accounts() returns trigger language plpgsql as $$
begin
  insert into managed.balances (account) values ('merchant:' || new.id), ('merchant:' || new.id || ':pending');
  return null;
end $$;
create trigger open_accounts after insert on managed.merchants
  for each row execute function managed.open_accounts();

create table managed.invoices (
  payment_hash text primary key check (payment_hash ~ '^[0-9a-f]{64}$'),
  merchant_id text not null references managed.merchants,
  -- "direct": made by the merchant's own address. "bill": what a merchant owes the service for such sales.
  kind text not null default 'sale' check (kind in ('sale', 'direct', 'bill')),
  amount_msat bigint not null check (amount_msat between 1 and 1000000000000000),
  description text not null,
  -- Of a direct sale: who made the invoice, and knows whether it was paid.
  address text check ((kind = 'direct') = (address is not null)),
  bolt11 text not null,
  provider_ref text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'canceled', 'settled')),
  settled_at timestamptz,
  received_msat bigint,
  fee_msat bigint,
  next_check_at timestamptz,
  idempotency_key text,
  request_hash text,
  -- Made for whoever named an address, and had no key. Anybody can have many made, so they are looked up apart from
  -- merchants' invoices, and less often.
  is_keyless boolean not null default false,
  unique (merchant_id, idempotency_key),
  check ((status = 'settled') = (received_msat is not null))
);
-- Those to look at, the most urgent first.
create index invoices_to_check on managed.invoices (next_check_at)
  where status <> 'settled' and next_check_at is not null and not is_keyless;
create index keyless_invoices_to_check on managed.invoices (next_check_at)
  where status <> 'settled' and next_check_at is not null and is_keyless;
-- Merchants take turns at that, so each one's oldest invoice that is due has to be found, however many others have.
create index invoices_of_merchant_to_check on managed.invoices (merchant_id, next_check_at)
  where status <> 'settled' and next_check_at is not null and not is_keyless and kind <> 'direct';
create index keyless_invoices_of_merchant_to_check on managed.invoices (merchant_id, next_check_at)
  where status <> 'settled' and next_check_at is not null and is_keyless;
create index direct_invoices_of_merchant_to_check on managed.invoices (merchant_id, next_check_at)
  where status <> 'settled' and next_check_at is not null and not is_keyless and kind = 'direct';
-- Those that are not looked at any more.
create index invoices_given_up on managed.invoices (expires_at) where status = 'open' and next_check_at is null;

-- Whose an invoice is never changes, nor that it was paid.
create function managed.keep_binding() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.status = 'settled'
    or (old.payment_hash, old.merchant_id, old.kind, old.amount_msat, old.bolt11)
      is distinct from (new.payment_hash, new.merchant_id, new.kind, new.amount_msat, new.bolt11) then
    raise exception 'an invoice stays what it is' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger keep_binding before update or delete on managed.invoices
  for each row execute function managed.keep_binding();
create trigger no_truncate before truncate on managed.invoices execute function managed.refuse_change();

-- Credits a payment that the node says has arrived: once. Answers what it did.
create function managed.settle(p_hash text, p_received bigint, p_settled_at timestamptz, p_now timestamptz)
returns text language plpgsql as $$
declare
  invoice managed.invoices;
  received bigint;
  fee bigint := 0;
  posted boolean;
begin
  select * into invoice from managed.invoices where payment_hash = p_hash for update;
  if not found then return 'unknown'; end if;
  if invoice.status = 'settled' then return 'before'; end if;
  received := coalesce(p_received, invoice.amount_msat);
  if invoice.kind = 'bill' then
    posted := managed.post('bill-paid', p_hash, p_now,
      array['node', 'owed:' || invoice.merchant_id, 'fee:billed', 'fee'], array[-received, received, -received, received]);
  elsif invoice.kind = 'direct' then
    fee := managed.fee_of(received);
    posted := managed.post('direct-sale', p_hash, p_now,
      array['owed:' || invoice.merchant_id, 'fee:billed'], array[-fee, fee]);
  else
    fee := managed.fee_of(received);
    posted := managed.post('payment', p_hash, p_now,
      array['node', 'merchant:' || invoice.merchant_id, 'fee'], array[-received, received - fee, fee]);
  end if;
  if not posted then raise exception 'payment % is in the ledger, and its invoice is not settled', p_hash; end if;
  update managed.invoices set status = 'settled', settled_at = coalesce(p_settled_at, p_now), received_msat = received,
    fee_msat = fee, next_check_at = null where payment_hash = p_hash;
  return 'credited';
end $$;

-- What merchants, or with no merchant the operator, should know.
create table managed.notices (
  id bigint generated always as identity primary key,
  merchant_id text references managed.merchants,
  kind text not null,
  text text not null,
  at timestamptz not null
);
create index notices_of_merchant on managed.notices (merchant_id, id);

create table managed.settings (
  name text primary key check (name in ('payouts_paused', 'invoices_stopped', 'winding_down')),
  reason text not null,
  at timestamptz not null
);
