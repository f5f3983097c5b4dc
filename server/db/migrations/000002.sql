-- What staff decide while an event is on: when the seat engine has been told of it, and when it ends by itself.

-- The version whose rules the seat engine has. Below `version`: it has yet to be told.
alter table events add column settled_version integer not null default 1;
create index events_unsettled on events (id) where settled_version < version;

-- One block is all rows of one id. Ended by staff, or with nobody named by its time. `settled` is false until the seat
-- engine has been told of the last change.
alter table blocks
  drop constraint blocks_pkey,
  add primary key (id, seat),
  add column release_at timestamptz,
  add column ended_by text references staff,
  add column settled boolean not null default true;
create index blocks_by_release on blocks (release_at) where ended_at is null and release_at is not null;
create index blocks_unsettled on blocks (event_id) where not settled;
