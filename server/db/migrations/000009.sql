-- The money of all of an event's bookings goes back, because it was called off or put off. One at a time for an event.
create table event_refunds (
  id text primary key,
  event_id text not null references events,
  cause text not null check (cause in ('cancelled', 'postponed')),
  reason text not null,
  staff_id text not null references staff,
  began_at timestamptz not null default now(),
  -- Bookings made later keep their tickets.
  covers_until timestamptz not null default now(),
  finished_at timestamptz
);
create unique index one_open_event_refund on event_refunds (event_id) where finished_at is null;
create index event_refunds_by_event on event_refunds (event_id, began_at);
alter table refunds add column event_refund_id text references event_refunds;
create index refunds_by_event_refund on refunds (event_refund_id) where event_refund_id is not null;
