-- A draw among those who come before the line opens. The secret is drawn before anybody has entered, its hash is published
-- at once, and itself afterwards.
alter table rooms drop constraint rooms_state_check;
alter table rooms add constraint rooms_state_check check (state in ('off', 'drawing', 'open', 'paused'));
alter table rooms add column draw_secret text;
alter table rooms add column draw_beacon text not null default '';
alter table rooms add column drawn_at timestamptz;
-- The life of the line that the draw began; receipts of earlier ones are of the order before it.
alter table rooms add column drawn_life integer not null default 0;

-- Who has entered, in order. Each line's chain is the hash of the one before and of its own tag: none can be taken out,
-- put in or moved afterwards without changing all that follow.
create table room_entries (
  event_id text not null references events,
  entry bigint not null,
  -- Null: left before it was written down.
  holder text,
  -- Published; the hash of the receipt that only its owner has.
  tag text not null,
  chain text not null,
  primary key (event_id, entry)
);
