-- A booking has one payment at most: what two processes make at once is decided here, in one statement.
create unique index one_payment_per_booking on payments (booking_id);
