-- Every rule of the books that does not hold, recomputed from the entries. Nothing is the right answer.
create or replace function managed.broken_rules() returns table (rule text, detail text) language sql stable as $$
  select 'all entries sum to zero', sum(amount_msat)::text from managed.entries having sum(amount_msat) <> 0
  union all
  select 'every transaction sums to zero', transaction_id::text from managed.entries
    group by transaction_id having sum(amount_msat) <> 0
  union all
  select 'a balance is the sum of its entries', coalesce(b.account, e.account)
    from (select account, sum(balance_msat) total from managed.balances group by account) b
    full join (select account, sum(amount_msat) total from managed.entries group by account) e using (account)
    where coalesce(b.total, 0) <> coalesce(e.total, 0)
  union all
  select 'no merchant is below zero', account from managed.balances where account like 'merchant:%' and balance_msat < 0
  union all
  select 'a running balance never falls below zero', account from managed.entries
    where account like 'merchant:%' and balance_msat < 0
  union all
  select 'what is pending belongs to payouts under way', coalesce(b.account, p.account)
    from (select account, sum(balance_msat) total from managed.balances where account like '%:pending' group by account) b
    full join (select account || ':pending' account, sum(amount_msat + max_fee_msat) total from managed.payouts
      where status in ('reserved', 'sending') group by 1) p using (account)
    where coalesce(b.total, 0) <> coalesce(p.total, 0)
  union all
  select 'a settled invoice is in the ledger once, with its exact fee', i.payment_hash from managed.invoices i
    left join (select ref, count(*) n from managed.transactions group by ref) t on t.ref = i.payment_hash
    where i.status = 'settled' and (t.n is distinct from 1 or (i.kind <> 'bill' and i.fee_msat <> i.received_msat * 3 / 1000))
  union all
  select 'a payment in the ledger has its settled invoice', t.ref from managed.transactions t
    where t.kind in ('payment', 'direct-sale', 'bill-paid')
    and not exists (select 1 from managed.invoices i where i.payment_hash = t.ref and i.status = 'settled')
  union all
  select 'a payout is in the ledger as its state says', p.id from managed.payouts p
    left join (select ref, string_agg(kind, ' ' order by id) kinds from managed.transactions where kind like 'payout-%'
      group by ref) t on t.ref = p.id
    where t.kinds is distinct from
      'payout-reserved' || case p.status when 'paid' then ' payout-paid' when 'failed' then ' payout-returned' else '' end
  union all
  select 'a payment is refunded once, by its merchant, and at most in full', r.refund_of
    from managed.payouts r left join managed.invoices i on i.payment_hash = r.refund_of
    where r.refund_of is not null and r.status <> 'failed'
    group by r.refund_of, i.payment_hash
    having count(*) > 1 or bool_or(i.status is distinct from 'settled' or i.kind <> 'sale'
      or r.account <> 'merchant:' || i.merchant_id or r.amount_msat > i.received_msat)
  union all
  -- What was booked to a wrong account, or as a wrong amount, adds up all the same. From the entries of each transaction,
  -- this takes those that its invoice or payout says, and nothing may be left.
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
  union all
  select 'a running balance is the one before it and the entry', account
  from (
    select account, balance_msat, amount_msat + lag(balance_msat, 1, 0::bigint) over (partition by account order by id) added_up
    from managed.entries where account ~ '^(merchant|owed):'
  ) running where balance_msat is distinct from added_up group by account
$$;
