-- The audit also compares: what was booked to a wrong account, or as a wrong amount, adds up all the same. From the entries
-- of each transaction it takes those that its invoice or payout says, and nothing may be left.
alter function managed.broken_rules() rename to broken_rules_before_012;
create function managed.broken_rules() returns table (rule text, detail text) language sql stable as $$
  select * from managed.broken_rules_before_012()
  union all
  select 'what is booked is what its invoice or payout says', (select ref from managed.transactions where id = wrong.id)
  from (
    select id from (
      select transaction_id id, account, amount_msat msat from managed.entries
      union all
      select t.id, a, -m from (
        select payment_hash ref, 'payment' kind, array['node', 'merchant:' || merchant_id, 'fee'] accounts,
          array[-received_msat, received_msat - fee_msat, fee_msat] amounts
          from managed.invoices where status = 'settled' and kind = 'sale'
        union all
        select payment_hash, 'direct-sale', array['owed:' || merchant_id, 'fee:billed'], array[-fee_msat, fee_msat]
          from managed.invoices where status = 'settled' and kind = 'direct'
        union all
        select payment_hash, 'bill-paid', array['node', 'owed:' || merchant_id, 'fee:billed', 'fee'],
          array[-received_msat, received_msat, -received_msat, received_msat]
          from managed.invoices where status = 'settled' and kind = 'bill'
        union all
        select id, 'payout-reserved', array[account, account || ':pending'],
          array[-amount_msat - max_fee_msat, amount_msat + max_fee_msat] from managed.payouts
        union all
        select id, 'payout-returned', array[account || ':pending', account],
          array[-amount_msat - max_fee_msat, amount_msat + max_fee_msat] from managed.payouts where status = 'failed'
        union all
        select id, 'payout-paid', array[account || ':pending', 'node', account, 'routing'],
          array[-amount_msat - max_fee_msat, amount_msat + fee_msat, greatest(max_fee_msat - fee_msat, 0),
            least(max_fee_msat - fee_msat, 0)] from managed.payouts where status = 'paid'
      ) said join managed.transactions t using (ref, kind) cross join lateral unnest(accounts, amounts) as u(a, m)
    ) booked_less_said group by id, account having sum(msat) <> 0
  ) wrong group by id
$$;
