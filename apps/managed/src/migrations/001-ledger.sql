-- The ledger: double entry in whole millisatoshis, append-only. The database itself keeps these rules, whatever the
-- program does. Amounts are signed: what is owed to somebody is positive, what the node holds is negative, and every
-- transaction sums to zero.
create schema if not exists managed;

create table managed.transactions (
  id bigint generated always as identity primary key,
  kind text not null check (kind in
    ('payment', 'direct-sale', 'bill-paid', 'payout-reserved', 'payout-paid', 'payout-returned')),
  -- A payment hash, or the id of a payout.
  ref text not null,
  at timestamptz not null,
  written_by xid8 not null default pg_current_xact_id()
);
-- Exactly once: a payment is credited once, and a payout ends once, in one of two ways.
create unique index transactions_once on managed.transactions (ref, kind);
create index transactions_of_day on managed.transactions (at);
create unique index payouts_end_once on managed.transactions (ref) where kind in ('payout-paid', 'payout-returned');

create sequence managed.entry_ids;
create table managed.entries (
  id bigint primary key,
  transaction_id bigint not null references managed.transactions,
  account text not null check
    (account ~ '^(node|fee|fee:pending|fee:billed|routing|merchant:[a-z0-9]+|merchant:[a-z0-9]+:pending|owed:[a-z0-9]+)$'),
  amount_msat bigint not null check (amount_msat <> 0),
  -- The account's balance after this entry; only for accounts of merchants.
  balance_msat bigint
);
create index entries_of_transaction on managed.entries (transaction_id);
create index entries_of_account on managed.entries (account, id);

-- The sums of the entries, kept by their trigger, so that a balance is one row however long the ledger is. Accounts
-- that everybody touches have several rows, so that payments of different merchants do not wait for each other.
create table managed.balances (
  account text not null,
  shard smallint not null default 0,
  balance_msat bigint not null default 0,
  primary key (account, shard),
  constraint merchants_never_negative check (account not like 'merchant:%' or balance_msat >= 0)
) with (fillfactor = 50);

create function managed.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: no % on %', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on managed.transactions
  for each row execute function managed.refuse_change();
create trigger append_only before update or delete on managed.entries
  for each row execute function managed.refuse_change();
create trigger no_truncate before truncate on managed.transactions execute function managed.refuse_change();
create trigger no_truncate before truncate on managed.entries execute function managed.refuse_change();
create trigger no_truncate before truncate on managed.balances execute function managed.refuse_change();

create function managed.only_by_entries() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.balance_msat = 0 then return new; end if;
  if tg_op <> 'DELETE' and pg_trigger_depth() > 1 then return new; end if;
  raise exception 'a balance changes only by entries' using errcode = 'restrict_violation';
end $$;
create trigger only_by_entries before insert or update or delete on managed.balances
  for each row execute function managed.only_by_entries();

create function managed.book_entry() returns trigger language plpgsql as $$
declare
  is_own boolean := new.account ~ '^(merchant|owed):';
  own_shard smallint := case when is_own then 0 else pg_backend_pid() % 16 end;
begin
  perform 1 from managed.transactions where id = new.transaction_id and written_by = pg_current_xact_id();
  if not found then
    raise exception 'a transaction is closed once it is committed' using errcode = 'restrict_violation';
  end if;
  update managed.balances set balance_msat = balance_msat + new.amount_msat
    where account = new.account and shard = own_shard returning balance_msat into new.balance_msat;
  if not found then
    insert into managed.balances (account, shard) values (new.account, own_shard) on conflict do nothing;
    update managed.balances set balance_msat = balance_msat + new.amount_msat
      where account = new.account and shard = own_shard returning balance_msat into new.balance_msat;
  end if;
  if not is_own then new.balance_msat := null; end if;
  -- Numbered only now, with the account's row locked: the order of an account's entries is that of its balances.
  new.id := nextval('managed.entry_ids');
  return new;
end $$;
create trigger book_entry before insert on managed.entries for each row execute function managed.book_entry();

create function managed.check_zero_sum() returns trigger language plpgsql as $$
begin
  if (select sum(amount_msat) from managed.entries where transaction_id = new.transaction_id) <> 0 then
    raise exception 'transaction % does not sum to zero', new.transaction_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger sums_to_zero after insert on managed.entries
  deferrable initially deferred for each row execute function managed.check_zero_sum();

-- Writes a transaction; false when it was written before.
create function managed.post(p_kind text, p_ref text, p_at timestamptz, p_accounts text[], p_amounts bigint[])
returns boolean language plpgsql as $$
declare new_id bigint;
begin
  -- A merchant's entries are written one transaction at a time, so that a statement has no gaps that fill up later.
  perform 1 from managed.balances
    where shard = 0 and account in (select regexp_replace(a, ':pending$', '') from unnest(p_accounts) a where a like 'merchant:%')
    order by account for update;
  insert into managed.transactions (kind, ref, at) values (p_kind, p_ref, p_at)
    on conflict do nothing returning id into new_id;
  if new_id is null then return false; end if;
  insert into managed.entries (transaction_id, account, amount_msat)
    select new_id, a, m from unnest(p_accounts, p_amounts) as t(a, m) where m <> 0 order by a;
  return true;
end $$;

create function managed.balance_of(p_account text) returns bigint language sql stable as $$
  select coalesce(sum(balance_msat), 0)::bigint from managed.balances where account = p_account
$$;

-- 0.3 %, rounded down to the millisatoshi.
create function managed.fee_of(p_msat bigint) returns bigint language sql immutable as $$
  select p_msat * 3 / 1000
$$;
