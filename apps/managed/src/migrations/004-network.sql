-- The network that all amounts are of. One row.
create table managed.network (
  is_only boolean primary key default true check (is_only),
  name text not null check (name in ('bitcoin', 'testnet', 'signet', 'regtest', 'simnet'))
);
