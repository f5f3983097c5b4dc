/** Every bound that both sides obey. Times in milliseconds, sizes in bytes. */
export const limits = {
  /** A client frame larger than this ends the socket. */
  upFrameBytes: 1024,
  /** Seats in one hold call, whatever an event allows. */
  seatsPerCall: 64,
  /** Areas in one hold call. */
  areasPerCall: 8,
  /** Sections in one subscription; none given means the whole map. */
  sectionsPerSubscription: 64,
  /** Events that one socket may watch at once. */
  subscriptionsPerSocket: 4,
  /** Requests per second, and in a burst, of a socket; over HTTP of a buyer, on each server. */
  requestsPerSecond: 20,
  requestBurst: 40,
  /** Requests that a `subscribe` counts as: its answer may be the whole map. */
  subscribeCost: 4,
  /** The same of a `best`, for which the whole map may be looked through. */
  bestCost: 4,
  /** Bookings that a buyer may begin per minute, on each server: each may cost the payment provider three calls. */
  bookingsPerMinute: 10,
  /** The first frame must be a valid hello within this time. */
  helloMs: 5_000,
  /** A confirmed heartbeat goes to each watched event this often. */
  heartbeatMs: 2_000,
  /** Without a confirmed heartbeat for this long a map is stale. */
  staleMs: 5_000,
  /** Bytes waiting on one socket before it is closed. */
  backpressureBytes: 128 * 1024,
  /** Request body on any JSON route. */
  httpBodyBytes: 64 * 1024,
  /** The source of a chart, sent by staff. */
  chartBodyBytes: 16 * 1024 * 1024,
  /** A file of events, sent by staff, and how many may be in it. */
  eventFileBytes: 16 * 1024 * 1024,
  eventsPerFile: 10_000,
  /** More dates of an event that staff draft in one call. */
  datesPerCall: 200,
  /** Seats that staff block or unblock in one call. */
  seatsPerBlock: 5_000,
  /** Seats in one chart, areas included. */
  chartSeats: 200_000,
  /** Scans that a door sends at once. */
  scansPerCall: 100,
} as const;
