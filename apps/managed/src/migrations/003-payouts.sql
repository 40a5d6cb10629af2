-- Payouts in two phases: what one may cost is set aside first, and it ends as paid or as returned.
create table managed.payouts (
  id text primary key,
  account text not null check (account = 'fee' or account ~ '^merchant:[a-z0-9]+$'),
  kind text not null check (kind in ('address', 'withdrawal', 'operator')),
  destination text not null,
  amount_msat bigint not null check (amount_msat > 0),
  max_fee_msat bigint not null check (max_fee_msat >= 0),
  -- "sending" is written before the wallet is asked. From then on only the wallet's word ends a payout.
  status text not null check (status in ('reserved', 'sending', 'paid', 'failed')),
  bolt11 text,
  payment_hash text check (payment_hash ~ '^[0-9a-f]{64}$'),
  expires_at timestamptz,
  preimage text,
  fee_msat bigint,
  -- For the merchant; and for the operator alone, what the wallet or a server said.
  reason text,
  detail text,
  -- The wallet has refused it, while it could not be asked whether that is so.
  is_refused boolean not null default false,
  -- When the wallet first called it paid without the preimage that proves it. The operator confirms such a payout, and says
  -- what was seen.
  unproven_since timestamptz,
  confirmation text check (confirmation <> ''),
  -- The payment that it gives back, to an invoice that the buyer supplies.
  refund_of text references managed.invoices,
  created_at timestamptz not null,
  sent_at timestamptz,
  ended_at timestamptz,
  next_check_at timestamptz,
  idempotency_key text,
  request_hash text,
  unique (account, idempotency_key),
  check ((status in ('sending', 'paid')) <= (payment_hash is not null and bolt11 is not null)),
  constraint paid_with_proof check ((status = 'paid') = (preimage is not null or confirmation is not null)),
  constraint confirmed_after_the_wallet check (confirmation is null or unproven_since is not null)
);
-- Two payouts by one invoice would both be called paid by one payment.
create unique index one_payout_per_hash on managed.payouts (payment_hash) where status <> 'failed';
-- Once: another refund only after one has failed.
create unique index one_refund_per_payment on managed.payouts (refund_of) where status <> 'failed';
-- All that were tried with one invoice.
create index payouts_of_hash on managed.payouts (payment_hash);
-- One attempt at a time.
create unique index one_payout_to_an_address on managed.payouts (account)
  where kind = 'address' and status in ('reserved', 'sending');
create index payouts_under_way on managed.payouts (next_check_at) where status in ('reserved', 'sending');
create index payouts_under_way_of on managed.payouts (account) where status in ('reserved', 'sending');
create index payouts_of_account on managed.payouts (account, created_at desc);

create function managed.keep_payout() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.status in ('paid', 'failed')
    or (old.status = 'sending' and new.status = 'reserved') or (old.status = 'reserved' and new.status = 'paid')
    or (old.id, old.account, old.kind, old.destination, old.amount_msat, old.max_fee_msat)
      is distinct from (new.id, new.account, new.kind, new.destination, new.amount_msat, new.max_fee_msat)
    or (old.status = 'sending' and (old.bolt11, old.payment_hash) is distinct from (new.bolt11, new.payment_hash)) then
    raise exception 'payout %: % does not become %', old.id, old.status, new.status using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger keep_payout before update or delete on managed.payouts
  for each row execute function managed.keep_payout();
create trigger no_truncate before truncate on managed.payouts execute function managed.refuse_change();

-- Refunds are withdrawals, with all that holds for those, and these rules on top.
create function managed.keep_refund() returns trigger language plpgsql as $$
declare invoice managed.invoices;
begin
  if tg_op = 'UPDATE' then
    if old.refund_of is not distinct from new.refund_of then return new; end if;
    if old.refund_of is not null then
      raise exception 'payout % stays the refund that it is', old.id using errcode = 'restrict_violation';
    end if;
  end if;
  if new.refund_of is null then return new; end if;
  select * into invoice from managed.invoices where payment_hash = new.refund_of;
  if invoice.status is distinct from 'settled' or invoice.kind <> 'sale' or new.kind <> 'withdrawal'
    or new.account <> 'merchant:' || invoice.merchant_id or new.amount_msat > invoice.received_msat then
    raise exception 'payout % is no refund of %', new.id, new.refund_of using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger keep_refund before insert or update of refund_of on managed.payouts
  for each row execute function managed.keep_refund();

-- Sets aside what a payout may cost. Answers "reserved", "insufficient" or, where many are under way, "busy": payees who
-- hold payments back fill up the node's channels. Accounts cost nothing, so withdrawals are few together as well. An
-- account that has none gets one for longer, and payouts to addresses, which are one at a time and larger, go on.
create function managed.reserve_payout(p_id text, p_account text, p_kind text, p_destination text, p_amount bigint,
  p_max_fee bigint, p_now timestamptz, p_bolt11 text, p_hash text, p_expires timestamptz, p_key text, p_request text)
returns text language plpgsql as $$
declare
  available bigint;
  most bigint := 10;
begin
  if p_account = 'fee' then
    -- Its balance has several rows; only this function takes from them.
    perform pg_advisory_xact_lock(402, 1);
    available := managed.balance_of('fee') + least(managed.balance_of('routing'), 0);
  else
    select balance_msat into available from managed.balances where account = p_account and shard = 0 for update;
  end if;
  if available is null or available < p_amount + p_max_fee then return 'insufficient'; end if;
  if p_kind = 'withdrawal' then
    select case when count(*) < 50 then 10 when count(*) < 300 then 1 else 0 end into most
      from managed.payouts where kind = 'withdrawal' and status in ('reserved', 'sending');
  end if;
  if (select count(*) from managed.payouts where account = p_account and status in ('reserved', 'sending')) >= most then
    return 'busy';
  end if;
  insert into managed.payouts (id, account, kind, destination, amount_msat, max_fee_msat, status, bolt11, payment_hash,
      expires_at, created_at, sent_at, next_check_at, idempotency_key, request_hash)
    values (p_id, p_account, p_kind, p_destination, p_amount, p_max_fee,
      case when p_hash is null then 'reserved' else 'sending' end, p_bolt11, p_hash, p_expires, p_now,
      case when p_hash is null then null else p_now end, p_now + interval '10 s', p_key, p_request);
  perform managed.post('payout-reserved', p_id, p_now, array[p_account, p_account || ':pending'],
    array[-(p_amount + p_max_fee), p_amount + p_max_fee]);
  return 'reserved';
end $$;

-- Sets aside what a refund may cost, from the seller's balance. Answers as reserve_payout does, or why there is none.
create function managed.reserve_refund(p_refund_of text, p_id text, p_account text, p_amount bigint, p_max_fee bigint,
  p_now timestamptz, p_bolt11 text, p_hash text, p_expires timestamptz, p_key text, p_request text)
returns text language plpgsql as $$
declare
  invoice managed.invoices;
  outcome text;
begin
  -- Two at the same time wait for each other here.
  select * into invoice from managed.invoices where payment_hash = p_refund_of for update;
  if not found or invoice.status <> 'settled' or invoice.kind <> 'sale' or 'merchant:' || invoice.merchant_id <> p_account then
    return 'not-refundable';
  end if;
  if p_amount > invoice.received_msat then return 'too-much'; end if;
  if exists (select 1 from managed.payouts where refund_of = p_refund_of and status <> 'failed') then return 'refunded'; end if;
  outcome := managed.reserve_payout(p_id, p_account, 'withdrawal', 'invoice', p_amount, p_max_fee, p_now, p_bolt11, p_hash,
    p_expires, p_key, p_request);
  if outcome = 'reserved' then update managed.payouts set refund_of = p_refund_of where id = p_id; end if;
  return outcome;
end $$;

-- Ends a payout: with a preimage or a confirmation as paid, at what it really cost; without either as failed, and
-- everything goes back. False when it had ended before.
create function managed.end_payout(p_id text, p_preimage text, p_fee bigint, p_reason text, p_now timestamptz,
  p_confirmation text default null)
returns boolean language plpgsql as $$
declare
  payout managed.payouts;
  reserve bigint;
  posted boolean;
begin
  select * into payout from managed.payouts where id = p_id for update;
  if not found or payout.status in ('paid', 'failed') then return false; end if;
  reserve := payout.amount_msat + payout.max_fee_msat;
  if p_preimage is null and p_confirmation is null then
    posted := managed.post('payout-returned', p_id, p_now, array[payout.account || ':pending', payout.account],
      array[-reserve, reserve]);
    update managed.payouts set status = 'failed', reason = p_reason, ended_at = p_now, next_check_at = null where id = p_id;
  else
    -- A wallet that took more than the limit: the service bears that, not the merchant.
    posted := managed.post('payout-paid', p_id, p_now,
      array[payout.account || ':pending', 'node', payout.account, 'routing'],
      array[-reserve, payout.amount_msat + p_fee, greatest(payout.max_fee_msat - p_fee, 0), least(payout.max_fee_msat - p_fee, 0)]);
    update managed.payouts set status = 'paid', preimage = p_preimage, confirmation = p_confirmation, fee_msat = p_fee,
      reason = p_reason, ended_at = p_now, next_check_at = null where id = p_id;
  end if;
  if not posted then raise exception 'payout % ended in the ledger before', p_id; end if;
  -- Until the program has planned the merchant's next one, nobody begins it.
  if payout.kind = 'address' then
    update managed.merchants set next_payout_at = greatest(next_payout_at, p_now + interval '1 minute')
      where id = substr(payout.account, 10);
  end if;
  return true;
end $$;
