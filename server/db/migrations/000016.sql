-- How many tickets one person may have of an event, over all sessions. Null: as many as they can hold.
alter table events add column max_tickets_per_buyer integer check (max_tickets_per_buyer > 0);

-- The fingerprint of the card that paid, which is the same for the same card whoever uses it; and whether the payment was
-- given up because that card had paid for as many tickets as one buyer may have.
alter table payments add column card text;
alter table payments add column over_limit boolean not null default false;

create index payments_by_card on payments (card) where card is not null;
-- Mail to ada+tickets@… reaches ada@….
create index bookings_by_buyer on bookings (event_id, regexp_replace(lower(buyer_email), '\+[^@]*@', '@'));
