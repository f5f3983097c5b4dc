-- Changes of what is shown, told to whoever keeps copies: one message in the log of writes for each statement that
-- changed something, with the ids of what it changed. It is part of the transaction: undone, it is never told.
create function tell_changes() returns trigger language plpgsql as $$
declare
  tags text[];
begin
  execute format('select array_agg(distinct %I) from changed where %1$I is not null', tg_argv[0]) into tags;
  if tags is not null then
    perform pg_logical_emit_message(true, 'cavea', array_to_json(tags)::text);
  end if;
  return null;
end
$$;

create trigger events_told_insert after insert on events referencing new table as changed
  for each statement execute function tell_changes('id');
create trigger events_told_update after update on events referencing new table as changed
  for each statement execute function tell_changes('id');
create trigger events_told_delete after delete on events referencing old table as changed
  for each statement execute function tell_changes('id');
create trigger venues_told_insert after insert on venues referencing new table as changed
  for each statement execute function tell_changes('id');
create trigger venues_told_update after update on venues referencing new table as changed
  for each statement execute function tell_changes('id');
create trigger performers_told_insert after insert on performers referencing new table as changed
  for each statement execute function tell_changes('id');
create trigger performers_told_update after update on performers referencing new table as changed
  for each statement execute function tell_changes('id');
create trigger event_performers_told_insert after insert on event_performers referencing new table as changed
  for each statement execute function tell_changes('event_id');
create trigger event_performers_told_delete after delete on event_performers referencing old table as changed
  for each statement execute function tell_changes('event_id');
create trigger prices_told_insert after insert on prices referencing new table as changed
  for each statement execute function tell_changes('event_id');
create trigger pool_releases_told_insert after insert on pool_releases referencing new table as changed
  for each statement execute function tell_changes('event_id');

-- What is searched: one row for each event that buyers may find. Words are lower case, without accents.
create extension if not exists pg_trgm;
create table search_documents (
  event_id text primary key,
  words tsvector not null,
  starts_at timestamptz not null,
  city text not null,
  genre text not null,
  venue_id text not null,
  latitude double precision,
  longitude double precision,
  from_amount integer,
  currency text not null,
  status text not null,
  opens_at timestamptz not null,
  closes_at timestamptz,
  -- Tickets sold when the row was written.
  popularity integer not null default 0
);
create index search_documents_by_words on search_documents using gin (words) with (fastupdate = off);
create index search_documents_by_start on search_documents (starts_at, event_id);
create index search_documents_by_genre on search_documents (genre, starts_at);
create index search_documents_by_city on search_documents (lower(city), starts_at);

-- Every word that a document has or had: what is misspelt is looked for here, not in the documents.
create table search_words (word text primary key);
create index search_words_by_likeness on search_words using gist (word gist_trgm_ops (siglen = 128));
