-- A waiting room that opens by the clock, and one that ends when nobody waits any more.
alter table rooms add column enter_at timestamptz;
alter table rooms add column open_at timestamptz;
alter table rooms drop constraint rooms_state_check;
alter table rooms add constraint rooms_state_check check (state in ('off', 'drawing', 'open', 'paused', 'draining'));
create index rooms_by_clock on rooms (least(enter_at, open_at)) where enter_at is not null or open_at is not null;
-- For a moment those who waited are told that it is closed.
alter table rooms add column closed_at timestamptz;
