-- An event that is over leaves Redis; its generation ends then. Whoever looks at the event later begins another.
alter table generations add column archived_at timestamptz;
create index generations_in_redis on generations (event_id) where archived_at is null;
