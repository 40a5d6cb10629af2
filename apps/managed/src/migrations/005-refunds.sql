-- Refunds: what a seller gives back for one payment, to an invoice that the buyer supplies. They are withdrawals, with all
-- that holds for those, and these rules on top.
alter table managed.payouts add column refund_of text references managed.invoices;
-- Once: another one only after it has failed.
create unique index one_refund_per_payment on managed.payouts (refund_of) where status <> 'failed';

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

alter function managed.broken_rules() rename to broken_rules_of_books;
create function managed.broken_rules() returns table (rule text, detail text) language sql stable as $$
  select * from managed.broken_rules_of_books()
  union all
  select 'a payment is refunded once, by its merchant, and at most in full', r.refund_of
    from managed.payouts r left join managed.invoices i on i.payment_hash = r.refund_of
    where r.refund_of is not null and r.status <> 'failed'
    group by r.refund_of, i.payment_hash
    having count(*) > 1 or bool_or(i.status is distinct from 'settled' or i.kind <> 'sale'
      or r.account <> 'merchant:' || i.merchant_id or r.amount_msat > i.received_msat)
$$;
