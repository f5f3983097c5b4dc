-- Buyers who have asked their bank to take a payment back. Tickets of a booking with one that is not settled are frozen.
create table disputes (
  -- The payment provider's.
  id text primary key,
  booking_id text not null references bookings,
  amount integer not null check (amount >= 0),
  currency text not null,
  -- The bank's word for why, such as `fraudulent`.
  reason text not null,
  status text not null check (status in ('inquiry', 'open', 'won', 'lost')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index disputes_by_booking on disputes (booking_id);
