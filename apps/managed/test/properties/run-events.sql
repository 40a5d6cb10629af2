-- For the property tests: runs one list of events, checks the books, and undoes it all. Every rule is checked at the end,
-- and with after_each also after each event that wrote something; otherwise there only those that need no history.
create schema if not exists probe;

-- How many rows of the books this transaction has written so far, those that were undone included.
create or replace function probe.written() returns bigint language plpgsql as $$
begin
  return (select sum(pg_stat_get_xact_tuples_inserted(t) + pg_stat_get_xact_tuples_updated(t)
      + pg_stat_get_xact_tuples_deleted(t))
    from unnest(array['managed.transactions', 'managed.entries', 'managed.balances', 'managed.merchants',
      'managed.invoices', 'managed.payouts']::regclass[]) t);
end $$;

create or replace function probe.run(events jsonb, after_each boolean) returns jsonb language plpgsql as $$
declare
  e jsonb;
  result text;
  results text[] := '{}';
  broken text[] := '{}';
  found_rule text;
  final jsonb;
  started timestamptz := now();
  hash text;
  written bigint := -1;
  written_now bigint;
begin
  begin
    insert into managed.merchants (id, lightning_address, created_at, next_payout_at)
      select 'm' || n || 'aaaaaa', n || '@example.com', started, started from generate_series(1, 3) n;
    for e in select * from jsonb_array_elements(events) loop
      begin
        hash := e->>'hash';
        case e->>'op'
          when 'invoice' then
            insert into managed.invoices (payment_hash, merchant_id, kind, amount_msat, description, address, bolt11,
                created_at, expires_at)
              values (hash, e->>'merchant', e->>'kind', (e->>'amount')::bigint, '',
                case when e->>'kind' = 'direct' then 'x' end, 'lnbcrt', started, started);
            result := 'made';
          when 'settle' then
            result := managed.settle(hash, (e->>'received')::bigint, null, started);
          when 'reserve' then
            result := managed.reserve_payout(e->>'id', e->>'account', e->>'kind', 'x', (e->>'amount')::bigint,
              (e->>'fee')::bigint, started, case when hash is not null then 'lnbcrt' end, hash,
              case when hash is not null then started end, null, null);
          when 'refund' then
            result := managed.reserve_refund(e->>'of', e->>'id', e->>'account', (e->>'amount')::bigint, (e->>'fee')::bigint,
              started, 'lnbcrt', hash, started, null, null);
          when 'send' then
            update managed.payouts set status = 'sending', bolt11 = 'lnbcrt', payment_hash = hash, expires_at = started
              where id = e->>'id' and status = 'reserved';
            result := case when found then 'sent' else 'none' end;
          when 'paid' then
            result := managed.end_payout(e->>'id', 'preimage', (e->>'fee')::bigint, null, started)::text;
          when 'failed' then
            result := managed.end_payout(e->>'id', null, null, 'no', started)::text;
          else
            case (e->>'nth')::int
              when 0 then update managed.balances set balance_msat = balance_msat + 1;
              when 1 then perform managed.post('payment', 'cheat', started, array['fee', 'node'], array[5, -4]);
              when 2 then perform managed.post('payout-paid', 'cheat', started, array['merchant:m1aaaaaa', 'node'],
                array[-1000000000000, 1000000000000]);
              when 3 then insert into managed.balances (account, balance_msat) values ('merchant:m9aaaaaa', 1);
              when 4 then perform managed.post('payment', 'cheat', started, array['fee'], array[1]);
              when 5 then insert into managed.entries (transaction_id, account, amount_msat) values (-1, 'fee', 1);
              when 6 then truncate managed.entries;
              when 7 then perform managed.post('gift', 'cheat', started, array['fee', 'node'], array[1, -1]);
              when 8 then update managed.payouts set refund_of = 'x';
                perform 1 / (select count(*) from managed.payouts);
              else perform managed.post('payment', 'cheat', started, array['suspense', 'node'], array[1, -1]);
            end case;
            result := 'done';
        end case;
        set constraints all immediate;
      exception when others then
        result := case when e->>'op' = 'cheat' then 'refused' else sqlstate end;
      end;
      set constraints all deferred;
      results := results || result;
      if after_each then
        written_now := probe.written();
        continue when written_now = written;
        written := written_now;
        for found_rule in select rule || ': ' || coalesce(detail, '') from managed.broken_rules() loop
          broken := broken || (e::text || ' breaks ' || found_rule);
        end loop;
      elsif (select sum(balance_msat) <> 0 or min(balance_msat) filter (where account like 'merchant:%') < 0
          from managed.balances) then
        broken := broken || (e::text || ' breaks the balances');
      end if;
    end loop;
    if not after_each then
      broken := broken || array(select rule || ': ' || coalesce(detail, '') from managed.broken_rules());
    end if;
    select coalesce(jsonb_object_agg(account, total), '{}') into final
      from (select account, sum(balance_msat) total from managed.balances group by account) b where total <> 0;
    raise exception 'undo' using errcode = 'P0402';
  exception when sqlstate 'P0402' then
    null;
  end;
  return jsonb_build_object('results', results, 'balances', final, 'broken', broken);
end $$;
