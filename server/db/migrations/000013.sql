-- What leaves the house: letters to buyers and events to shops. A row is written by the transaction that causes it, and
-- sent afterwards, again and again, until it has arrived.
create table webhook_endpoints (
  id text primary key,
  url text not null,
  -- Signs what is sent there, so it has to be readable.
  secret text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table deliveries (
  id text primary key,
  channel text not null check (channel in ('mail', 'webhook')),
  -- Which letter, or the type of the event.
  kind text not null,
  booking_id text not null references bookings,
  -- Null for mail: it goes to the buyer.
  endpoint_id text references webhook_endpoints check ((endpoint_id is null) = (channel = 'mail')),
  -- Of a webhook, the bytes that are signed; of a letter, what it is about beside the booking.
  body text not null default '{}',
  status text not null default 'waiting' check (status in ('waiting', 'sent', 'dead')),
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  -- Why the last attempt failed.
  note text not null default '',
  created_at timestamptz not null default now(),
  sent_at timestamptz
);

create index deliveries_due on deliveries (next_at) where status = 'waiting';
create index deliveries_by_booking on deliveries (booking_id, created_at);
create index deliveries_by_time on deliveries (created_at);
create index deliveries_sent on deliveries (sent_at) where status = 'sent';

-- An event of the payment provider that a person has looked at.
alter table webhook_inbox drop constraint webhook_inbox_status_check;
alter table webhook_inbox add constraint webhook_inbox_status_check check (status in ('done', 'review', 'closed'));
create index webhook_inbox_by_time on webhook_inbox (received_at);
create index webhook_inbox_review on webhook_inbox (received_at) where status = 'review';
