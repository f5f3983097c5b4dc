-- Codes that let people join before everybody may. Only what a code is sealed to is kept, never the code.
alter table events add column presale_until timestamptz;
create table presale_codes (
  event_id text not null references events,
  seal text not null,
  uses integer not null check (uses > 0),
  used integer not null default 0 check (used >= 0 and used <= uses),
  primary key (event_id, seal)
);
create table presale_claims (
  event_id text not null references events,
  holder text not null,
  seal text not null,
  claimed_at timestamptz not null default now(),
  primary key (event_id, holder)
);
