-- Bookings that were paid elsewhere: at a box office, as a gift of the house, through another payment provider.
create table outside_payments (
  booking_id text primary key references bookings,
  method text not null check (method in ('cash', 'card', 'gift', 'other')),
  -- What was taken, in minor units of the booking's currency; it need not be the price.
  amount integer not null check (amount >= 0),
  -- The seller's own: a receipt, a payment of another provider.
  reference text not null,
  -- A secret API key.
  sold_by text not null,
  created_at timestamptz not null default now()
);
