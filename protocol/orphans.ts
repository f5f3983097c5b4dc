/** What an event does about a choice that leaves a single seat alone: nothing, tell the buyer, or refuse it. */
export const orphanRules = ['off', 'warn', 'refuse'] as const;
export type OrphanRule = (typeof orphanRules)[number];
