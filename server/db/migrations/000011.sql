-- An answer is replayed with its headers, such as the ETag of what was edited.
alter table idempotency_keys add column headers jsonb not null default '{}';
