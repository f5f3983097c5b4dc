-- How an event's waiting room is run; an event without a row has never had one. `events.room_on` says the same to the
-- seat engine: it is true unless the state is off.
create table rooms (
  event_id text primary key references events,
  state text not null default 'off' check (state in ('off', 'open', 'paused')),
  rate_per_minute integer not null check (rate_per_minute > 0),
  max_active integer not null check (max_active > 0),
  admission_ms integer not null check (admission_ms > 0),
  message text not null default '',
  -- Lives of the line in Redis: it begins another one when Redis has lost it.
  life integer not null default 0,
  -- No place beyond this has ever been given.
  place_limit bigint not null default 0
);

-- Who was let in, at which place, until when. `ended_at`: the slot is free again.
create table admissions (
  event_id text not null references events,
  place bigint not null,
  holder text not null,
  admitted_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  primary key (event_id, place, holder)
);
create index admissions_active on admissions (event_id, expires_at) where ended_at is null;
create index admissions_by_holder on admissions (event_id, holder);
