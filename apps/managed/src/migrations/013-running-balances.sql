-- The audit also adds up the balances that statements show after each entry.
alter function managed.broken_rules() rename to broken_rules_before_013;
create function managed.broken_rules() returns table (rule text, detail text) language sql stable as $$
  select * from managed.broken_rules_before_013()
  union all
  select 'a running balance is the one before it and the entry', account
  from (
    select account, balance_msat, amount_msat + lag(balance_msat, 1, 0::bigint) over (partition by account order by id) added_up
    from managed.entries where account ~ '^(merchant|owed):'
  ) running where balance_msat is distinct from added_up group by account
$$;

-- Whose an invoice is, and what was sent, cannot be deleted; nor all of it at once.
create trigger no_truncate before truncate on managed.invoices execute function managed.refuse_change();
create trigger no_truncate before truncate on managed.payouts execute function managed.refuse_change();
