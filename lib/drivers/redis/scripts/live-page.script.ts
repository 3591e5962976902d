import { composeScript } from './compose-script.js';
import { ended } from './parts/ended.part.js';
import { livePage } from './parts/live-page.part.js';

/** Reads jobs that have not ended. Reply: see the part `live page`. */
export const livePageScript = composeScript('live page', [ended, livePage], {
  flags: ['no-writes', 'allow-oom'],
  result: 'S.result',
});
