import { z } from 'zod';
import { eventSchema, venueIdSchema } from './http.js';

/** What `GET /v1/search` takes and gives. */
const time = z.coerce.number().int().min(0).max(8_640_000_000_000);
const name = z.string().trim().min(1).max(200);

export const searchQuerySchema = z.strictObject({
  q: z.string().max(200).default(''),
  genre: name.optional(),
  city: name.optional(),
  venue: venueIdSchema.optional(),
  /** Of the start, ms since 1970. */
  from: time.optional(),
  to: time.optional(),
  lat: z.coerce.number().min(-90).max(90).optional(),
  lon: z.coerce.number().min(-180).max(180).optional(),
  km: z.coerce.number().min(1).max(20_000).default(50),
  /** The cheapest seat costs no more, minor units. */
  maxAmount: z.coerce.number().int().min(0).max(2_000_000_000).optional(),
  onSale: z.enum(['0', '1']).default('0'),
  sort: z.enum(['relevance', 'date', 'distance', 'popularity']).default('relevance'),
  limit: z.coerce.number().int().min(1).max(50).default(20),
  cursor: z.coerce.number().int().min(0).max(1_000).default(0),
});

const facet = z.array(z.object({ value: z.string(), count: z.int() }));

export const searchReplySchema = z.object({
  items: z.array(eventSchema),
  /** At most 1,000, which means so many or more; the same in `facets`. */
  count: z.int(),
  /** What was looked for instead of words that nothing has. */
  corrected: z.string().optional(),
  /** Words that fit, lower case and without accents: for highlighting. */
  words: z.array(z.string()),
  facets: z.object({ genre: facet, city: facet }),
  nextCursor: z.string().nullable(),
});

export type SearchReply = z.infer<typeof searchReplySchema>;
