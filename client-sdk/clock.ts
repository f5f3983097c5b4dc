/** The SDK's only source of time, timers and chance. Tests hand in another one. */
export interface Timer {
  cancel(): void;
}

export interface ClientClock {
  /** Wall clock of this device, milliseconds since 1970. It may be wrong: no deadline is ever counted by it. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Evenly spread from 0 up to, but not including, 1. */
  random(): number;
  /** A new name for one intent: 24 letters, unguessable. */
  newId(): string;
  after(ms: number, run: () => void): Timer;
  every(ms: number, run: () => void): Timer;
}

export const browserClock: ClientClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  newId() {
    let id = '';
    for (const byte of crypto.getRandomValues(new Uint8Array(12))) id += byte.toString(16).padStart(2, '0');
    return id;
  },
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return { cancel: () => clearTimeout(handle) };
  },
  every(ms, run) {
    const handle = setInterval(run, ms);
    return { cancel: () => clearInterval(handle) };
  },
};
