import { clientsClaim } from 'workbox-core';
import { cleanupOutdatedCaches, type PrecacheEntry, precacheAndRoute } from 'workbox-precaching';

/**
 * Keeps the door's page on the device: a phone at a door without a network must come back from a reload. Tickets are not
 * kept here but in the door's book. The only importer of workbox.
 */
declare const DOOR_FILES: PrecacheEntry[];
declare const self: { skipWaiting(): Promise<void> };

void self.skipWaiting();
clientsClaim();
cleanupOutdatedCaches();
precacheAndRoute(DOOR_FILES);
