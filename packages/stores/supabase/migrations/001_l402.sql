-- The tables and functions of @l402/supabase. Paste this into the SQL editor of your Supabase project, and run it.
-- Running it again is safe, and takes nothing back that 002_secret_key_only.sql has done.
--
-- It assumes that everybody knows the anon key. A holder of the anon key can only call three functions: record a
-- payment, count a use under a known key, and give that use back. The anon key permits no reading, changing or
-- deleting. Why this is enough: docs/decisions/012-supabase-anon-key.md.

begin;

-- ── The payment log ──────────────────────────────────────────────────────────────────────────────────────────────────

do $$
begin
  if to_regclass('public.payments') is not null and not exists (
    select from pg_catalog.pg_attribute
    where attrelid = to_regclass('public.payments') and attname = 'payment_hash' and not attisdropped
  ) then
    raise exception 'There is a table "payments" already, and it is not of L402. Rename it, or use another project.';
  end if;
end $$;

create table if not exists public.payments (
  id uuid primary key default gen_random_uuid(),
  payment_hash text unique not null,
  endpoint text,
  amount_sats integer,
  paid_at timestamptz default now()
);

-- Whole sats are not exact: an amount can include a fraction of a sat, and an integer of sats ends at 21 bitcoin.
alter table public.payments add column if not exists amount_msat bigint;
comment on column public.payments.amount_msat is 'Exact. Divide by 1000 for sats.';
comment on column public.payments.amount_sats is 'amount_msat in sats, rounded down; null if that is too much for the type.';

-- These constraints keep every new row small and plausible, even if a stranger writes it. Existing rows stay unchanged.
alter table public.payments
  drop constraint if exists l402_payment_hash,
  drop constraint if exists l402_endpoint,
  drop constraint if exists l402_amount_msat,
  drop constraint if exists l402_amount_sats,
  add constraint l402_payment_hash check (payment_hash ~ '^[0-9a-f]{64}$') not valid,
  add constraint l402_endpoint check (length(endpoint) <= 1000) not valid,
  -- The upper limit is the largest exact integer in JavaScript.
  add constraint l402_amount_msat check (amount_msat between 0 and 9007199254740991) not valid,
  add constraint l402_amount_sats check (amount_sats >= 0 and amount_sats = coalesce(amount_msat / 1000, amount_sats)) not valid;

-- An older table may want a number here, or let one payment in twice.
alter table public.payments alter column amount_sats drop not null;
create unique index if not exists payments_payment_hash_key on public.payments (payment_hash);
create index if not exists payments_paid_at on public.payments (paid_at);

alter table public.payments enable row level security;
-- By default, Supabase grants all rights on a new table to all roles, and relies on policies to restrict them.
revoke all on public.payments from public, anon, authenticated;
grant all on public.payments to service_role;

-- The API cannot reach this schema, because it serves only the schema "public".
create schema if not exists l402;
revoke all on schema l402 from public, anon, authenticated;

-- Records payments: one row for each payment hash, and the first row stays. This function is the anon key's only way
-- into the table. A direct insert would tell a stranger which payments exist, by refusing them or by counting rows.
create or replace function public.l402_record(payments jsonb) returns void
  language sql security definer set search_path = '' as $$
  insert into public.payments (payment_hash, endpoint, amount_msat, amount_sats, paid_at)
  select payment_hash, endpoint, amount_msat, case when amount_msat < 2147483648000 then amount_msat / 1000 end, paid_at
  from jsonb_to_recordset(payments)
    as payment (payment_hash text, endpoint text, amount_msat bigint, paid_at timestamptz)
  -- The order prevents deadlocks between servers that record the same payments.
  order by payment_hash
  on conflict (payment_hash) do nothing;
$$;

-- ── Replay protection ────────────────────────────────────────────────────────────────────────────────────────────────

create table if not exists l402.uses (
  -- The HMAC-SHA256 of a payment hash: only a holder of the paywall's secret can tell to which payment a key belongs.
  key bytea primary key check (length(key) = 32),
  used integer not null,
  expires_at timestamptz not null
);
-- The ids of the last calls that gave a use back.
alter table l402.uses add column if not exists given_back uuid[] not null default '{}';
create index if not exists uses_expires_at on l402.uses (expires_at);
alter table l402.uses enable row level security;
revoke all on l402.uses from public, anon, authenticated;

-- Counts one use under each of the keys, or under none. Returns how many uses are left, -1 if there was none, or -2 if
-- the token has expired.
-- There are several keys while the secret is rotated.
create or replace function public.l402_consume(keys text[], max_uses integer, expires_at timestamptz) returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  wanted bytea[];
  counted bytea[];
  most integer;
begin
  wanted := array(select distinct decode(key, 'hex') as bytes from unnest(keys) as key order by bytes);
  if (cardinality(wanted) between 1 and 16 and max_uses > 0 and expires_at < now() + interval '11 years') is not true then
    raise exception 'l402_consume: bad arguments' using errcode = 'invalid_parameter_value';
  end if;
  if expires_at <= now() then
    return -2;
  end if;

  -- The order of the keys prevents deadlocks between two calls.
  with taken as (
    insert into l402.uses as use (key, used, expires_at)
    select key, 1, l402_consume.expires_at from unnest(wanted) as key
    on conflict (key) do update set
      used = case when use.expires_at <= now() then 1 else use.used + 1 end,
      expires_at = excluded.expires_at
      where use.used < max_uses or use.expires_at <= now()
    returning use.key, use.used
  )
  select array_agg(taken.key), max(taken.used) into counted, most from taken;

  if cardinality(counted) = cardinality(wanted) then
    -- Every counted use deletes a few expired ones, so no cleanup job is needed.
    delete from l402.uses where key in (
      select old.key from l402.uses as old where old.expires_at <= now()
      order by old.expires_at limit 3 for update skip locked
    );
    return max_uses - most;
  end if;
  update l402.uses as use set used = use.used - 1 where use.key = any (counted);
  return -1;
end $$;

-- The same with fewer arguments was part of an older version.
drop function if exists public.l402_release(text[]);

-- Gives back one use, and never more than were taken. A call that is sent again, because its answer was lost, gives back
-- once.
create or replace function public.l402_release(keys text[], call_id uuid) returns void
  language sql security definer set search_path = '' as $$
  with held as (
    select use.key from l402.uses as use
    where use.key = any (array(select decode(key, 'hex') from unnest(keys) as key))
    order by use.key for update
  )
  update l402.uses as use set used = use.used - 1, given_back = (call_id || use.given_back)[1:100]
  from held where use.key = held.key and use.used > 0 and call_id <> all (use.given_back);
$$;

do $$
declare
  recorder constant regprocedure := 'public.l402_record(jsonb)';
  is_for_anon boolean;
begin
  revoke all on function public.l402_record(jsonb) from public, authenticated;
  revoke all on function public.l402_consume(text[], integer, timestamptz) from public, authenticated;
  revoke all on function public.l402_release(text[], uuid) from public, authenticated;
  -- After 002_secret_key_only.sql, the secret key may call them and the anon key may not.
  is_for_anon := has_function_privilege('anon', recorder, 'execute')
    or not has_function_privilege('service_role', recorder, 'execute');
  -- By default, Supabase grants a new function to all roles.
  revoke all on function public.l402_record(jsonb) from anon;
  revoke all on function public.l402_consume(text[], integer, timestamptz) from anon;
  revoke all on function public.l402_release(text[], uuid) from anon;
  grant execute on function public.l402_record(jsonb) to service_role;
  grant execute on function public.l402_consume(text[], integer, timestamptz) to service_role;
  grant execute on function public.l402_release(text[], uuid) to service_role;
  if is_for_anon then
    grant execute on function public.l402_record(jsonb) to anon;
    grant execute on function public.l402_consume(text[], integer, timestamptz) to anon;
    grant execute on function public.l402_release(text[], uuid) to anon;
  end if;
end $$;

-- Stops here if an older table would refuse what we write, such as for a column that must have a value. The row is
-- taken back, together with all that a trigger did for it.
do $$
begin
  perform public.l402_record(jsonb_build_array(jsonb_build_object(
    'payment_hash', repeat('0', 64), 'endpoint', repeat('x', 1000), 'amount_msat', 9007199254740991, 'paid_at', now())));
  raise exception using errcode = 'L4020';
exception
  when sqlstate 'L4020' then null;
end $$;

commit;

-- Tells the API to load the new functions.
notify pgrst, 'reload schema';
