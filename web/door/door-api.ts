import type { DoorEvents, DoorList, Scan, ScansReply } from '../../protocol/door.js';

/** The door's calls. At a door nobody waits for a slow network: what takes longer counts as no answer. */
export interface DoorApi {
  events(): Promise<DoorEvents | 'offline'>;
  list(event: string): Promise<DoorList | 'offline'>;
  scan(event: string, scans: readonly Scan[]): Promise<ScansReply | 'offline'>;
}

const scanMs = 3_000;
const listMs = 30_000;

/** @param onRefused the token is no longer good. */
export function createDoorApi(token: string, onRefused: () => void): DoorApi {
  async function call<T>(path: string, waitMs: number, body?: object): Promise<T | 'offline'> {
    try {
      const answer = await fetch(`/v1/door${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        signal: AbortSignal.timeout(waitMs),
        ...(body && { body: JSON.stringify(body) }),
      });
      if (answer.status === 401 || answer.status === 403) onRefused();
      return answer.ok ? ((await answer.json()) as T) : 'offline';
    } catch {
      return 'offline';
    }
  }
  return {
    events: () => call('/events', listMs),
    list: (event) => call(`/events/${event}/list`, listMs),
    scan: (event, scans) => call(`/events/${event}/scans`, scanMs, { scans }),
  };
}
