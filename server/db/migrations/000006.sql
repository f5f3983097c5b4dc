-- Money that goes back for tickets of a confirmed booking; states: server/booking/refunds.ts.
create table refunds (
  -- Ours, or the payment provider's for one that was made there.
  id text primary key,
  booking_id text not null references bookings,
  amount integer not null check (amount >= 0),
  currency text not null,
  status text not null check (status in ('wanted', 'done', 'failed')),
  -- The payment provider's, once it is known.
  provider_id text unique,
  -- Null: made at the payment provider.
  staff_id text references staff,
  reason text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index refunds_by_booking on refunds (booking_id);

-- The refund that ended a ticket.
alter table tickets add column refund_id text references refunds;

-- How a booking came to be what it is; written with each transition.
create table booking_steps (
  booking_id text not null references bookings,
  at timestamptz not null default now(),
  status text not null
);
create index booking_steps_by_booking on booking_steps (booking_id, at);

create index bookings_by_email on bookings (lower(buyer_email) text_pattern_ops);
create index bookings_by_event on bookings (event_id, created_at);
create index bookings_by_time on bookings (created_at);
