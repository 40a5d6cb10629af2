-- Payouts that a wallet calls paid without the preimage that proves it. The operator confirms them; what was said for it is
-- kept with the payout, and an ended payout never changes.
alter table managed.payouts
  -- When the wallet first said so.
  add column unproven_since timestamptz,
  -- What the operator saw.
  add column confirmation text check (confirmation <> ''),
  drop constraint payouts_check1,
  add constraint paid_with_proof check ((status = 'paid') = (preimage is not null or confirmation is not null)),
  add constraint confirmed_after_the_wallet check (confirmation is null or unproven_since is not null);

-- Ends a payout: with a preimage or a confirmation as paid, at what it really cost; without either as failed, and
-- everything goes back. False when it had ended before.
drop function managed.end_payout(text, text, bigint, text, timestamptz);
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
