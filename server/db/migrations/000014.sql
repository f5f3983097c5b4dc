-- Who is in. A ticket admits once: its row here is the one that says so.
create table check_ins (
  ticket_id text primary key references tickets,
  event_id text not null references events,
  -- Drawn by the device: the same scan sent twice is one.
  scan_id text not null,
  -- When it was scanned, by the device's clock as far as it can be right.
  at timestamptz not null,
  recorded_at timestamptz not null default now(),
  staff_id text not null references staff
);
create index check_ins_by_event on check_ins (event_id);

-- Somebody who admits people and sees nothing else.
alter table staff drop constraint staff_role_check;
alter table staff add constraint staff_role_check check (role in ('owner', 'operator', 'viewer', 'door'));
