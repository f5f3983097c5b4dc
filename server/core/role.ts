/**
 * A part of a process with a life of its own. States: created → started → stopping → stopped, forward only.
 * `stop` ends it gracefully and is safe to call at any time, and twice.
 */
export interface Role {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}
