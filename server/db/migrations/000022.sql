-- Whoever is called and does not come loses the way in to the next, and has one more chance.
alter table rooms add column show_ms integer not null default 90000 check (show_ms > 0);
alter table admissions add column seen boolean not null default false;
alter table admissions add column missed_at timestamptz;
alter table admissions add column chances smallint not null default 1;
-- Who is inside already has come.
update admissions set seen = true;
create index admissions_unseen on admissions (event_id, admitted_at) where ended_at is null and not seen;
