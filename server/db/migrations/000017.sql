-- The buyer was at their bank when the time to pay was over, and got some more, once.
alter table bookings add column graced boolean not null default false;
