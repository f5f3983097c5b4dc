-- The words of title, performers and place, apart from those that the text mentions: they are what most people look for,
-- and among a million events a common word is in a text nearly everywhere.
alter table search_documents add column names tsvector generated always as (ts_filter(words, '{a,b}')) stored;
create index search_documents_by_names on search_documents using gin (names) with (fastupdate = off);
create index search_documents_by_popularity on search_documents (popularity desc, event_id);
