-- Other seats for money that came too late.
create table offers (
  booking_id text primary key references bookings,
  hold_id text not null,
  seats integer[] not null,
  status text not null check (status in ('making', 'open', 'taken', 'declined', 'over', 'lost')),
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);

-- A price that was promised for the seat, where it is not that of the price version.
alter table claims add column amount integer check (amount >= 0);
