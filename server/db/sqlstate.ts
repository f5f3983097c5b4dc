/** What a SQLSTATE means to us (postgresql.org/docs/18/errcodes-appendix.html). Only listed codes are acted upon. */

export const uniqueViolation = '23505';

/** feature_not_supported: of our statements only one that was planned before a migration changed its table. */
export const overtakenPlan = '0A000';

/** Postgres has undone the transaction because of others: the same again may work. First pause in ms; it doubles. */
export const retryPauseMs: Readonly<Record<string, number>> = {
  /** serialization_failure */
  '40001': 5,
  /** deadlock_detected */
  '40P01': 20,
  [overtakenPlan]: 1,
};

/** By class: the database cannot serve now, whatever was asked. */
const outageClasses: ReadonlySet<string> = new Set([
  /** connection exception */ '08',
  /** insufficient resources */ '53',
  /** operator intervention: shutdown, statement timeout */ '57',
  /** system error */ '58',
]);
const outageCodes: ReadonlySet<string> = new Set([
  /** lock_not_available: lock_timeout ran out */ '55P03',
  /** read_only_sql_transaction: a standby during failover */ '25006',
  /** idle_in_transaction_session_timeout */ '25P03',
]);

export function isOutage(code: string | undefined): boolean {
  return code !== undefined && (outageCodes.has(code) || outageClasses.has(code.slice(0, 2)));
}
