import { systemClock } from '../../../server/core/clock.js';
import { createProcessLink } from '../../../server/core/process-link.js';

/** A child process that loads for so many ms, and then serves until it is told to stop. */
await systemClock.sleep(Number(process.argv[2]));
const link = createProcessLink();
systemClock.every(1_000, () => {});
link.ready();
