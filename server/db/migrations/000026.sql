-- Dates of one production: events that were drafted from each other share a series.
alter table events add column series_id text;
create index events_by_series on events (series_id, starts_at, id) where series_id is not null;
create index events_by_venue on events (venue_id, starts_at, id);
create index event_performers_by_performer on event_performers (performer_id);
