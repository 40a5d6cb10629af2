-- What is owed to all merchants together, signed, so that each of them can check that their own balance is in it. Made
-- aside, about once a day; nothing here is touched by payments.

-- Ed25519. The newest signs; each is endorsed by the one before it.
create table managed.signing_keys (
  id integer generated always as identity primary key,
  public_key bytea not null unique check (octet_length(public_key) = 32),
  private_key bytea not null,
  endorsement bytea,
  made_at timestamptz not null
);

create table managed.balance_roots (
  number bigint primary key check (number > 0),
  at timestamptz not null,
  -- JSON, to the byte as it was signed.
  statement text not null,
  signature bytea not null,
  key_id integer not null references managed.signing_keys
);
create trigger append_only before update or delete on managed.signing_keys
  for each row execute function managed.refuse_change();
create trigger no_truncate before truncate on managed.signing_keys execute function managed.refuse_change();
create trigger append_only before update or delete on managed.balance_roots
  for each row execute function managed.refuse_change();
create trigger no_truncate before truncate on managed.balance_roots execute function managed.refuse_change();

-- The tree of the newest root: leaves at level 0, each level above half as long, its top the root.
create table managed.balance_nodes (
  root_number bigint not null,
  level integer not null,
  position bigint not null,
  hash bytea not null,
  sum_msat bigint not null check (sum_msat > 0),
  -- Of leaves.
  merchant_id text,
  cursor bigint,
  nonce bytea,
  primary key (root_number, level, position)
);
create unique index leaf_of_merchant on managed.balance_nodes (root_number, merchant_id) where merchant_id is not null;

-- Builds the tree over all that is owed now, and answers its top; nothing where nothing is owed. A node's hash commits to
-- the sums of both its halves: with their total alone, one half could be made to look smaller. The nonces, and the order,
-- are new in every tree, so that a merchant who sees another's sum in a proof sees nobody's name with it, nor the same
-- neighbour twice.
create function managed.build_balance_tree(p_number bigint, p_salt bytea) returns table (root bytea, total bigint)
language plpgsql as $$
declare
  height integer := 0;
  nodes bigint;
begin
  -- One statement, so that all balances are of one instant.
  insert into managed.balance_nodes (root_number, level, position, hash, sum_msat, merchant_id, cursor, nonce)
    select p_number, 0, row_number() over (order by nonce) - 1,
      sha256('\x00'::bytea || nonce || int8send(msat) || int8send(last_entry) || convert_to(merchant, 'UTF8')),
      msat, merchant, last_entry, nonce
    from (
      select m.id merchant, a.balance_msat + p.balance_msat msat, sha256(p_salt || convert_to(m.id, 'UTF8')) nonce,
        greatest((select max(id) from managed.entries where account = a.account),
          (select max(id) from managed.entries where account = p.account)) last_entry
      from managed.merchants m
      join managed.balances a on a.account = 'merchant:' || m.id and a.shard = 0
      join managed.balances p on p.account = 'merchant:' || m.id || ':pending' and p.shard = 0
      where a.balance_msat + p.balance_msat > 0
    ) owed;
  get diagnostics nodes = row_count;
  while nodes > 1 loop
    insert into managed.balance_nodes (root_number, level, position, hash, sum_msat)
      -- One without a neighbour goes up as it is. No join: nobody knows yet how long a new level is.
      select p_number, height + 1, position / 2,
        case when count(*) = 1 then (array_agg(hash))[1] else sha256(string_agg(
          case when position % 2 = 0 then '\x01'::bytea else ''::bytea end || int8send(sum_msat) || hash, ''::bytea
          order by position)) end,
        sum(sum_msat)
      from managed.balance_nodes where root_number = p_number and level = height group by position / 2;
    get diagnostics nodes = row_count;
    height := height + 1;
  end loop;
  return query select hash, sum_msat from managed.balance_nodes where root_number = p_number and level = height;
end $$;
