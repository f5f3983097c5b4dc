-- Ticket types: what the same seat costs an adult, a child, a companion.

-- The types of one version of an event's prices; the first is for whoever names none. A version without any has one,
-- `standard`.
create table ticket_types (
  event_id text not null references events,
  version integer not null,
  type text not null,
  name text not null,
  ordinal integer not null check (ordinal >= 0),
  primary key (event_id, version, type),
  unique (event_id, version, ordinal)
);

-- What the types after the first cost. The first one costs what `prices` says.
create table ticket_type_prices (
  event_id text not null,
  version integer not null,
  category text not null,
  type text not null,
  amount integer not null check (amount >= 0),
  primary key (event_id, version, category, type),
  foreign key (event_id, version, category) references prices,
  foreign key (event_id, version, type) references ticket_types
);

-- The buyer's choice; null is the first type.
alter table claims add column ticket_type text;
alter table tickets add column ticket_type text not null default 'standard';
