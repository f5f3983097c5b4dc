-- The first schema. Postgres decides sales; Redis decides holds.

create table venues (
  id text primary key,
  name text not null,
  city text not null,
  country text not null,
  address text not null default '',
  time_zone text not null,
  latitude double precision,
  longitude double precision,
  version integer not null default 1,
  created_at timestamptz not null default now()
);

create table performers (
  id text primary key,
  name text not null,
  genre text not null,
  about text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default now()
);

-- Content-addressed and immutable: `hash` is the SHA-256 of `pack`.
create table charts (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  venue_id text not null references venues,
  name text not null,
  seats integer not null check (seats > 0),
  source jsonb not null,
  pack bytea not null,
  created_at timestamptz not null default now()
);

create table events (
  id text primary key,
  venue_id text not null references venues,
  chart_hash text not null references charts,
  title text not null,
  about text not null default '',
  genre text not null,
  starts_at timestamptz not null,
  status text not null default 'draft'
    check (status in ('draft', 'announced', 'onSale', 'paused', 'cancelled', 'past')),
  opens_at timestamptz not null,
  closes_at timestamptz,
  currency text not null check (currency ~ '^[a-z]{3}$'),
  price_version integer not null default 1,
  hold_ttl_ms integer not null check (hold_ttl_ms > 0),
  hold_cap_ms integer not null check (hold_cap_ms >= hold_ttl_ms),
  pay_window_ms integer not null check (pay_window_ms > 0),
  max_seats_per_holder integer not null check (max_seats_per_holder > 0),
  room_on boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create index events_by_start on events (starts_at, id);

create table event_performers (
  event_id text not null references events,
  performer_id text not null references performers,
  billing integer not null,
  primary key (event_id, performer_id)
);

-- Versions are immutable: a hold freezes the version it was made under. Amounts are minor units.
create table prices (
  event_id text not null references events,
  version integer not null,
  category text not null,
  name text not null,
  amount integer not null check (amount >= 0),
  primary key (event_id, version, category)
);

-- Only hashes of secrets are kept.
create table api_keys (
  id text primary key,
  kind text not null check (kind in ('publishable', 'secret')),
  name text not null,
  key_hash bytea not null unique,
  origins text[] not null default '{}',
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table staff (
  id text primary key,
  name text not null unique,
  role text not null check (role in ('owner', 'operator', 'viewer')),
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  staff_id text not null references staff,
  action text not null,
  event_id text,
  detail jsonb not null default '{}'
);
create index audit_by_event on audit (event_id, id);

-- Every generation of Redis data that an event has had. The number is the epoch that clients see.
create table generations (
  number bigint generated always as identity (maxvalue 4294967295) primary key,
  event_id text not null references events,
  started_at timestamptz not null default now()
);

-- States and transitions: server/booking/states.ts.
create table bookings (
  id text primary key,
  event_id text not null references events,
  hold_id text not null,
  holder text not null,
  session_id text not null,
  status text not null
    check (status in ('inProgress', 'capturing', 'confirmed', 'expired', 'cancelled', 'failed', 'refunded')),
  amount integer not null check (amount >= 0),
  currency text not null,
  price_version integer not null,
  buyer_name text not null,
  buyer_email text not null,
  expires_at timestamptz not null,
  -- The seats are as this row says in Redis too. False until the seat engine has been told of the last transition.
  settled boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index bookings_by_holder on bookings (holder, created_at);
create index bookings_open on bookings (updated_at) where status in ('inProgress', 'capturing') or not settled;

-- A booking's right to its seats until it is decided.
create table claims (
  booking_id text not null references bookings,
  event_id text not null references events,
  seat integer not null check (seat >= 0),
  active boolean not null default true,
  primary key (booking_id, seat)
);
create unique index one_active_claim_per_seat on claims (event_id, seat) where active;

create table tickets (
  id text primary key,
  booking_id text not null references bookings,
  event_id text not null references events,
  seat integer not null check (seat >= 0),
  label text not null,
  category text not null,
  amount integer not null check (amount >= 0),
  live boolean not null default true,
  created_at timestamptz not null default now()
);
create unique index one_live_ticket_per_seat on tickets (event_id, seat) where live;
create index tickets_by_booking on tickets (booking_id);

create table payments (
  intent_id text primary key,
  booking_id text not null references bookings,
  attempt integer not null,
  status text not null,
  amount integer not null,
  currency text not null,
  captured integer not null default 0,
  refunded integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (booking_id, attempt)
);

-- Every signed event of the payment provider, once. `review` waits for a person.
create table webhook_inbox (
  id text primary key,
  type text not null,
  -- As it came. Not jsonb, which refuses what JSON allows (\u0000, half a surrogate pair): such an event would come for ever.
  body text not null,
  body_hash bytea not null,
  status text not null check (status in ('done', 'review')),
  note text not null default '',
  received_at timestamptz not null default now()
);

-- Staff taking seats off sale.
create table blocks (
  id text primary key,
  event_id text not null references events,
  seat integer not null check (seat >= 0),
  reason text not null,
  staff_id text not null references staff,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index one_block_per_seat on blocks (event_id, seat) where ended_at is null;

-- One row per seat change, drained from Redis by COPY: the audit trail and the replay source.
create table journal (
  event_id text not null,
  epoch bigint not null,
  seq bigint not null,
  ordinal integer not null,
  at timestamptz not null,
  seat integer not null,
  status smallint not null,
  kind text not null,
  actor text not null,
  op_id text not null,
  hold_id text,
  primary key (event_id, epoch, seq, ordinal)
);
create index journal_by_seat on journal (event_id, seat, epoch, seq);

-- Answers of mutating HTTP calls, replayed for 24 hours. `status` null while the first call is under way.
create table idempotency_keys (
  scope text not null,
  key text not null,
  fingerprint bytea not null,
  status integer,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
