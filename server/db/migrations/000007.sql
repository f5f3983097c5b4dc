-- What becomes of a choice that leaves a single seat alone, and how long a buyer may hold seats of an event in all.
alter table events add column orphan_rule text not null default 'off' check (orphan_rule in ('off', 'warn', 'refuse'));
alter table events add column hold_budget_ms integer not null default 3600000 check (hold_budget_ms > 0);

-- Parts of an event whose accessible pool is open to everybody. Who decided so is in the audit.
create table pool_releases (
  event_id text not null references events,
  scope text not null check (scope in ('all', 'section', 'category')),
  -- Of the section or price category; empty for all.
  key text not null,
  released_at timestamptz not null default now(),
  primary key (event_id, scope, key)
);
