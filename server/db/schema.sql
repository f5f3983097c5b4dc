-- The schema after all migrations. Written by test/server/db/schema.test.ts (CAVEA_TEST_UPDATE=1); do not edit.

create extension pg_trgm;

create table admissions (
  event_id text not null,
  place bigint not null,
  holder text not null,
  admitted_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  seen boolean not null default false,
  missed_at timestamp with time zone,
  chances smallint not null default 1,
  constraint admissions_pkey PRIMARY KEY (event_id, place, holder)
);

create table api_keys (
  id text not null,
  kind text not null,
  name text not null,
  key_hash bytea not null,
  origins text[] not null default '{}'::text[],
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  constraint api_keys_key_hash_key UNIQUE (key_hash),
  constraint api_keys_kind_check CHECK ((kind = ANY (ARRAY['publishable'::text, 'secret'::text]))),
  constraint api_keys_pkey PRIMARY KEY (id)
);

create table audit (
  id bigint not null generated always as identity (maxvalue 9223372036854775807),
  at timestamp with time zone not null default now(),
  staff_id text,
  action text not null,
  event_id text,
  detail jsonb not null default '{}'::jsonb,
  constraint audit_pkey PRIMARY KEY (id)
);

create table blocks (
  id text not null,
  event_id text not null,
  seat integer not null,
  reason text not null,
  staff_id text not null,
  created_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  release_at timestamp with time zone,
  ended_by text,
  settled boolean not null default true,
  constraint blocks_pkey PRIMARY KEY (id, seat),
  constraint blocks_seat_check CHECK ((seat >= 0))
);

create table booking_steps (
  booking_id text not null,
  at timestamp with time zone not null default now(),
  status text not null
);

create table bookings (
  id text not null,
  event_id text not null,
  hold_id text not null,
  holder text not null,
  session_id text not null,
  status text not null,
  amount integer not null,
  currency text not null,
  price_version integer not null,
  buyer_name text not null,
  buyer_email text not null,
  expires_at timestamp with time zone not null,
  settled boolean not null default false,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  graced boolean not null default false,
  constraint bookings_amount_check CHECK ((amount >= 0)),
  constraint bookings_pkey PRIMARY KEY (id),
  constraint bookings_status_check CHECK ((status = ANY (ARRAY['inProgress'::text, 'capturing'::text, 'confirmed'::text, 'expired'::text, 'cancelled'::text, 'failed'::text, 'refunded'::text])))
);

create table charts (
  hash text not null,
  venue_id text not null,
  name text not null,
  seats integer not null,
  source jsonb not null,
  pack bytea not null,
  created_at timestamp with time zone not null default now(),
  constraint charts_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint charts_pkey PRIMARY KEY (hash),
  constraint charts_seats_check CHECK ((seats > 0))
);

create table check_ins (
  ticket_id text not null,
  event_id text not null,
  scan_id text not null,
  at timestamp with time zone not null,
  recorded_at timestamp with time zone not null default now(),
  staff_id text not null,
  constraint check_ins_pkey PRIMARY KEY (ticket_id)
);

create table claims (
  booking_id text not null,
  event_id text not null,
  seat integer not null,
  active boolean not null default true,
  ticket_type text,
  amount integer,
  constraint claims_amount_check CHECK ((amount >= 0)),
  constraint claims_pkey PRIMARY KEY (booking_id, seat),
  constraint claims_seat_check CHECK ((seat >= 0))
);

create table deliveries (
  id text not null,
  channel text not null,
  kind text not null,
  booking_id text not null,
  endpoint_id text,
  body text not null default '{}'::text,
  status text not null default 'waiting'::text,
  attempts integer not null default 0,
  next_at timestamp with time zone not null default now(),
  note text not null default ''::text,
  created_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone,
  constraint deliveries_channel_check CHECK ((channel = ANY (ARRAY['mail'::text, 'webhook'::text]))),
  constraint deliveries_check CHECK (((endpoint_id IS NULL) = (channel = 'mail'::text))),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'sent'::text, 'dead'::text])))
);

create table disputes (
  id text not null,
  booking_id text not null,
  amount integer not null,
  currency text not null,
  reason text not null,
  status text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint disputes_amount_check CHECK ((amount >= 0)),
  constraint disputes_pkey PRIMARY KEY (id),
  constraint disputes_status_check CHECK ((status = ANY (ARRAY['inquiry'::text, 'open'::text, 'won'::text, 'lost'::text])))
);

create table event_performers (
  event_id text not null,
  performer_id text not null,
  billing integer not null,
  constraint event_performers_pkey PRIMARY KEY (event_id, performer_id)
);

create table event_refunds (
  id text not null,
  event_id text not null,
  cause text not null,
  reason text not null,
  staff_id text not null,
  began_at timestamp with time zone not null default now(),
  covers_until timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  constraint event_refunds_cause_check CHECK ((cause = ANY (ARRAY['cancelled'::text, 'postponed'::text]))),
  constraint event_refunds_pkey PRIMARY KEY (id)
);

create table events (
  id text not null,
  venue_id text not null,
  chart_hash text not null,
  title text not null,
  about text not null default ''::text,
  genre text not null,
  starts_at timestamp with time zone not null,
  status text not null default 'draft'::text,
  opens_at timestamp with time zone not null,
  closes_at timestamp with time zone,
  currency text not null,
  price_version integer not null default 1,
  hold_ttl_ms integer not null,
  hold_cap_ms integer not null,
  pay_window_ms integer not null,
  max_seats_per_holder integer not null,
  room_on boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  settled_version integer not null default 1,
  orphan_rule text not null default 'off'::text,
  hold_budget_ms integer not null default 3600000,
  max_tickets_per_buyer integer,
  presale_until timestamp with time zone,
  series_id text,
  constraint events_check CHECK ((hold_cap_ms >= hold_ttl_ms)),
  constraint events_currency_check CHECK ((currency ~ '^[a-z]{3}$'::text)),
  constraint events_hold_budget_ms_check CHECK ((hold_budget_ms > 0)),
  constraint events_hold_ttl_ms_check CHECK ((hold_ttl_ms > 0)),
  constraint events_max_seats_per_holder_check CHECK ((max_seats_per_holder > 0)),
  constraint events_max_tickets_per_buyer_check CHECK ((max_tickets_per_buyer > 0)),
  constraint events_orphan_rule_check CHECK ((orphan_rule = ANY (ARRAY['off'::text, 'warn'::text, 'refuse'::text]))),
  constraint events_pay_window_ms_check CHECK ((pay_window_ms > 0)),
  constraint events_pkey PRIMARY KEY (id),
  constraint events_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'announced'::text, 'onSale'::text, 'paused'::text, 'cancelled'::text, 'past'::text])))
);

create table generations (
  number bigint not null generated always as identity (maxvalue 4294967295),
  event_id text not null,
  started_at timestamp with time zone not null default now(),
  archived_at timestamp with time zone,
  constraint generations_pkey PRIMARY KEY (number)
);

create table idempotency_keys (
  scope text not null,
  key text not null,
  fingerprint bytea not null,
  status integer,
  body jsonb,
  created_at timestamp with time zone not null default now(),
  headers jsonb not null default '{}'::jsonb,
  constraint idempotency_keys_pkey PRIMARY KEY (scope, key)
);

create table journal (
  event_id text not null,
  epoch bigint not null,
  seq bigint not null,
  ordinal integer not null,
  at timestamp with time zone not null,
  seat integer not null,
  status smallint not null,
  kind text not null,
  actor text not null,
  op_id text not null,
  hold_id text,
  constraint journal_pkey PRIMARY KEY (event_id, epoch, seq, ordinal)
);

create table offers (
  booking_id text not null,
  hold_id text not null,
  seats integer[] not null,
  status text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint offers_pkey PRIMARY KEY (booking_id),
  constraint offers_status_check CHECK ((status = ANY (ARRAY['making'::text, 'open'::text, 'taken'::text, 'declined'::text, 'over'::text, 'lost'::text])))
);

create table outside_payments (
  booking_id text not null,
  method text not null,
  amount integer not null,
  reference text not null,
  sold_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint outside_payments_amount_check CHECK ((amount >= 0)),
  constraint outside_payments_method_check CHECK ((method = ANY (ARRAY['cash'::text, 'card'::text, 'gift'::text, 'other'::text]))),
  constraint outside_payments_pkey PRIMARY KEY (booking_id)
);

create table payments (
  intent_id text not null,
  booking_id text not null,
  attempt integer not null,
  status text not null,
  amount integer not null,
  currency text not null,
  captured integer not null default 0,
  refunded integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  card text,
  over_limit boolean not null default false,
  constraint payments_booking_id_attempt_key UNIQUE (booking_id, attempt),
  constraint payments_pkey PRIMARY KEY (intent_id)
);

create table performers (
  id text not null,
  name text not null,
  genre text not null,
  about text not null default ''::text,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  constraint performers_pkey PRIMARY KEY (id)
);

create table pool_releases (
  event_id text not null,
  scope text not null,
  key text not null,
  released_at timestamp with time zone not null default now(),
  constraint pool_releases_pkey PRIMARY KEY (event_id, scope, key),
  constraint pool_releases_scope_check CHECK ((scope = ANY (ARRAY['all'::text, 'section'::text, 'category'::text])))
);

create table presale_claims (
  event_id text not null,
  holder text not null,
  seal text not null,
  claimed_at timestamp with time zone not null default now(),
  constraint presale_claims_pkey PRIMARY KEY (event_id, holder)
);

create table presale_codes (
  event_id text not null,
  seal text not null,
  uses integer not null,
  used integer not null default 0,
  constraint presale_codes_check CHECK (((used >= 0) AND (used <= uses))),
  constraint presale_codes_pkey PRIMARY KEY (event_id, seal),
  constraint presale_codes_uses_check CHECK ((uses > 0))
);

create table prices (
  event_id text not null,
  version integer not null,
  category text not null,
  name text not null,
  amount integer not null,
  constraint prices_amount_check CHECK ((amount >= 0)),
  constraint prices_pkey PRIMARY KEY (event_id, version, category)
);

create table refunds (
  id text not null,
  booking_id text not null,
  amount integer not null,
  currency text not null,
  status text not null,
  provider_id text,
  staff_id text,
  reason text not null default ''::text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  event_refund_id text,
  constraint refunds_amount_check CHECK ((amount >= 0)),
  constraint refunds_pkey PRIMARY KEY (id),
  constraint refunds_provider_id_key UNIQUE (provider_id),
  constraint refunds_status_check CHECK ((status = ANY (ARRAY['wanted'::text, 'done'::text, 'failed'::text])))
);

create table room_entries (
  event_id text not null,
  entry bigint not null,
  holder text,
  tag text not null,
  chain text not null,
  constraint room_entries_pkey PRIMARY KEY (event_id, entry)
);

create table rooms (
  event_id text not null,
  state text not null default 'off'::text,
  rate_per_minute integer not null,
  max_active integer not null,
  admission_ms integer not null,
  message text not null default ''::text,
  life integer not null default 0,
  place_limit bigint not null default 0,
  draw_secret text,
  draw_beacon text not null default ''::text,
  drawn_at timestamp with time zone,
  drawn_life integer not null default 0,
  enter_at timestamp with time zone,
  open_at timestamp with time zone,
  closed_at timestamp with time zone,
  show_ms integer not null default 90000,
  open_while_lost_ms integer not null default 0,
  constraint rooms_admission_ms_check CHECK ((admission_ms > 0)),
  constraint rooms_max_active_check CHECK ((max_active > 0)),
  constraint rooms_open_while_lost_ms_check CHECK ((open_while_lost_ms >= 0)),
  constraint rooms_pkey PRIMARY KEY (event_id),
  constraint rooms_rate_per_minute_check CHECK ((rate_per_minute > 0)),
  constraint rooms_show_ms_check CHECK ((show_ms > 0)),
  constraint rooms_state_check CHECK ((state = ANY (ARRAY['off'::text, 'drawing'::text, 'open'::text, 'paused'::text, 'draining'::text])))
);

create table schema_migrations (
  number integer not null,
  name text not null,
  sha256 text not null,
  breaking boolean not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (number)
);

create table search_documents (
  event_id text not null,
  words tsvector not null,
  starts_at timestamp with time zone not null,
  city text not null,
  genre text not null,
  venue_id text not null,
  latitude double precision,
  longitude double precision,
  from_amount integer,
  currency text not null,
  status text not null,
  opens_at timestamp with time zone not null,
  closes_at timestamp with time zone,
  popularity integer not null default 0,
  names tsvector generated always as (ts_filter(words, '{a,b}'::"char"[])) stored,
  constraint search_documents_pkey PRIMARY KEY (event_id)
);

create table search_words (
  word text not null,
  constraint search_words_pkey PRIMARY KEY (word)
);

create table staff (
  id text not null,
  name text not null,
  role text not null,
  token_hash bytea not null,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  constraint staff_name_key UNIQUE (name),
  constraint staff_pkey PRIMARY KEY (id),
  constraint staff_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'viewer'::text, 'door'::text]))),
  constraint staff_token_hash_key UNIQUE (token_hash)
);

create table ticket_type_prices (
  event_id text not null,
  version integer not null,
  category text not null,
  type text not null,
  amount integer not null,
  constraint ticket_type_prices_amount_check CHECK ((amount >= 0)),
  constraint ticket_type_prices_pkey PRIMARY KEY (event_id, version, category, type)
);

create table ticket_types (
  event_id text not null,
  version integer not null,
  type text not null,
  name text not null,
  ordinal integer not null,
  constraint ticket_types_event_id_version_ordinal_key UNIQUE (event_id, version, ordinal),
  constraint ticket_types_ordinal_check CHECK ((ordinal >= 0)),
  constraint ticket_types_pkey PRIMARY KEY (event_id, version, type)
);

create table tickets (
  id text not null,
  booking_id text not null,
  event_id text not null,
  seat integer not null,
  label text not null,
  category text not null,
  amount integer not null,
  live boolean not null default true,
  created_at timestamp with time zone not null default now(),
  ticket_type text not null default 'standard'::text,
  refund_id text,
  constraint tickets_amount_check CHECK ((amount >= 0)),
  constraint tickets_pkey PRIMARY KEY (id),
  constraint tickets_seat_check CHECK ((seat >= 0))
);

create table venues (
  id text not null,
  name text not null,
  city text not null,
  country text not null,
  address text not null default ''::text,
  time_zone text not null,
  latitude double precision,
  longitude double precision,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  constraint venues_pkey PRIMARY KEY (id)
);

create table webhook_endpoints (
  id text not null,
  url text not null,
  secret text not null,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  constraint webhook_endpoints_pkey PRIMARY KEY (id)
);

create table webhook_inbox (
  id text not null,
  type text not null,
  body text not null,
  body_hash bytea not null,
  status text not null,
  note text not null default ''::text,
  received_at timestamp with time zone not null default now(),
  constraint webhook_inbox_pkey PRIMARY KEY (id),
  constraint webhook_inbox_status_check CHECK ((status = ANY (ARRAY['done'::text, 'review'::text, 'closed'::text])))
);

CREATE INDEX admissions_active ON admissions USING btree (event_id, expires_at) WHERE (ended_at IS NULL);
CREATE INDEX admissions_by_holder ON admissions USING btree (event_id, holder);
CREATE INDEX admissions_event ON admissions USING btree (event_id, admitted_at);
CREATE INDEX admissions_unseen ON admissions USING btree (event_id, admitted_at) WHERE ((ended_at IS NULL) AND (NOT seen));
CREATE INDEX audit_by_event ON audit USING btree (event_id, id);
CREATE INDEX blocks_by_release ON blocks USING btree (release_at) WHERE ((ended_at IS NULL) AND (release_at IS NOT NULL));
CREATE INDEX blocks_unsettled ON blocks USING btree (event_id) WHERE (NOT settled);
CREATE INDEX booking_steps_by_booking ON booking_steps USING btree (booking_id, at);
CREATE INDEX bookings_by_buyer ON bookings USING btree (event_id, regexp_replace(lower(buyer_email), '\+[^@]*@'::text, '@'::text));
CREATE INDEX bookings_by_email ON bookings USING btree (lower(buyer_email) text_pattern_ops);
CREATE INDEX bookings_by_event ON bookings USING btree (event_id, created_at);
CREATE INDEX bookings_by_holder ON bookings USING btree (holder, created_at);
CREATE INDEX bookings_by_time ON bookings USING btree (created_at);
CREATE INDEX bookings_event ON bookings USING btree (event_id, created_at);
CREATE INDEX bookings_open ON bookings USING btree (updated_at) WHERE ((status = ANY (ARRAY['inProgress'::text, 'capturing'::text])) OR (NOT settled));
CREATE INDEX check_ins_by_event ON check_ins USING btree (event_id);
CREATE INDEX deliveries_by_booking ON deliveries USING btree (booking_id, created_at);
CREATE INDEX deliveries_by_time ON deliveries USING btree (created_at);
CREATE INDEX deliveries_due ON deliveries USING btree (next_at) WHERE (status = 'waiting'::text);
CREATE INDEX deliveries_sent ON deliveries USING btree (sent_at) WHERE (status = 'sent'::text);
CREATE INDEX disputes_by_booking ON disputes USING btree (booking_id);
CREATE INDEX event_performers_by_performer ON event_performers USING btree (performer_id);
CREATE INDEX event_refunds_by_event ON event_refunds USING btree (event_id, began_at);
CREATE INDEX events_by_series ON events USING btree (series_id, starts_at, id) WHERE (series_id IS NOT NULL);
CREATE INDEX events_by_start ON events USING btree (starts_at, id);
CREATE INDEX events_by_venue ON events USING btree (venue_id, starts_at, id);
CREATE INDEX events_unsettled ON events USING btree (id) WHERE (settled_version < version);
CREATE INDEX generations_in_redis ON generations USING btree (event_id) WHERE (archived_at IS NULL);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys USING btree (created_at);
CREATE INDEX journal_by_seat ON journal USING btree (event_id, seat, epoch, seq);
CREATE UNIQUE INDEX one_active_claim_per_seat ON claims USING btree (event_id, seat) WHERE active;
CREATE UNIQUE INDEX one_block_per_seat ON blocks USING btree (event_id, seat) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX one_live_ticket_per_seat ON tickets USING btree (event_id, seat) WHERE live;
CREATE UNIQUE INDEX one_open_event_refund ON event_refunds USING btree (event_id) WHERE (finished_at IS NULL);
CREATE UNIQUE INDEX one_payment_per_booking ON payments USING btree (booking_id);
CREATE INDEX payments_by_card ON payments USING btree (card) WHERE (card IS NOT NULL);
CREATE INDEX refunds_by_booking ON refunds USING btree (booking_id);
CREATE INDEX refunds_by_event_refund ON refunds USING btree (event_refund_id) WHERE (event_refund_id IS NOT NULL);
CREATE INDEX rooms_by_clock ON rooms USING btree (LEAST(enter_at, open_at)) WHERE ((enter_at IS NOT NULL) OR (open_at IS NOT NULL));
CREATE INDEX search_documents_by_city ON search_documents USING btree (lower(city), starts_at);
CREATE INDEX search_documents_by_genre ON search_documents USING btree (genre, starts_at);
CREATE INDEX search_documents_by_names ON search_documents USING gin (names) WITH (fastupdate=off);
CREATE INDEX search_documents_by_popularity ON search_documents USING btree (popularity DESC, event_id);
CREATE INDEX search_documents_by_start ON search_documents USING btree (starts_at, event_id);
CREATE INDEX search_documents_by_words ON search_documents USING gin (words) WITH (fastupdate=off);
CREATE INDEX search_words_by_likeness ON search_words USING gist (word gist_trgm_ops (siglen='128'));
CREATE INDEX tickets_by_booking ON tickets USING btree (booking_id);
CREATE INDEX webhook_inbox_by_time ON webhook_inbox USING btree (received_at);
CREATE INDEX webhook_inbox_review ON webhook_inbox USING btree (received_at) WHERE (status = 'review'::text);

alter table admissions add constraint admissions_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table audit add constraint audit_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id);
alter table blocks add constraint blocks_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES staff(id);
alter table blocks add constraint blocks_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table blocks add constraint blocks_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id);
alter table booking_steps add constraint booking_steps_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table bookings add constraint bookings_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table charts add constraint charts_venue_id_fkey FOREIGN KEY (venue_id) REFERENCES venues(id);
alter table check_ins add constraint check_ins_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table check_ins add constraint check_ins_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id);
alter table check_ins add constraint check_ins_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES tickets(id);
alter table claims add constraint claims_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table claims add constraint claims_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table deliveries add constraint deliveries_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table deliveries add constraint deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(id);
alter table disputes add constraint disputes_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table event_performers add constraint event_performers_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table event_performers add constraint event_performers_performer_id_fkey FOREIGN KEY (performer_id) REFERENCES performers(id);
alter table event_refunds add constraint event_refunds_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table event_refunds add constraint event_refunds_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id);
alter table events add constraint events_chart_hash_fkey FOREIGN KEY (chart_hash) REFERENCES charts(hash);
alter table events add constraint events_venue_id_fkey FOREIGN KEY (venue_id) REFERENCES venues(id);
alter table generations add constraint generations_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table offers add constraint offers_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table outside_payments add constraint outside_payments_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table payments add constraint payments_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table pool_releases add constraint pool_releases_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table presale_claims add constraint presale_claims_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table presale_codes add constraint presale_codes_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table prices add constraint prices_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table refunds add constraint refunds_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table refunds add constraint refunds_event_refund_id_fkey FOREIGN KEY (event_refund_id) REFERENCES event_refunds(id);
alter table refunds add constraint refunds_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id);
alter table room_entries add constraint room_entries_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table rooms add constraint rooms_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table ticket_type_prices add constraint ticket_type_prices_event_id_version_category_fkey FOREIGN KEY (event_id, version, category) REFERENCES prices(event_id, version, category);
alter table ticket_type_prices add constraint ticket_type_prices_event_id_version_type_fkey FOREIGN KEY (event_id, version, type) REFERENCES ticket_types(event_id, version, type);
alter table ticket_types add constraint ticket_types_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table tickets add constraint tickets_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id);
alter table tickets add constraint tickets_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id);
alter table tickets add constraint tickets_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refunds(id);

CREATE OR REPLACE FUNCTION tell_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  tags text[];
begin
  execute format('select array_agg(distinct %I) from changed where %1$I is not null', tg_argv[0]) into tags;
  if tags is not null then
    perform pg_logical_emit_message(true, 'cavea', array_to_json(tags)::text);
  end if;
  return null;
end
$function$
;

CREATE TRIGGER event_performers_told_delete AFTER DELETE ON event_performers REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('event_id');
CREATE TRIGGER event_performers_told_insert AFTER INSERT ON event_performers REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('event_id');
CREATE TRIGGER events_told_delete AFTER DELETE ON events REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('id');
CREATE TRIGGER events_told_insert AFTER INSERT ON events REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('id');
CREATE TRIGGER events_told_update AFTER UPDATE ON events REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('id');
CREATE TRIGGER performers_told_insert AFTER INSERT ON performers REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('id');
CREATE TRIGGER performers_told_update AFTER UPDATE ON performers REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('id');
CREATE TRIGGER pool_releases_told_insert AFTER INSERT ON pool_releases REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('event_id');
CREATE TRIGGER prices_told_insert AFTER INSERT ON prices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('event_id');
CREATE TRIGGER venues_told_insert AFTER INSERT ON venues REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('id');
CREATE TRIGGER venues_told_update AFTER UPDATE ON venues REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_changes('id');
