-- While an event's line cannot be asked, people are let in without it for at most so long; 0: nobody.
alter table rooms add column open_while_lost_ms integer not null default 0 check (open_while_lost_ms >= 0);
create index bookings_event on bookings (event_id, created_at);
create index admissions_event on admissions (event_id, admitted_at);
