import { composeChanging } from './changing.js';
import { putOffByPriority } from './parts/priority.part.js';
import { reschedule } from './parts/reschedule.part.js';

/** Changes when a waiting job is due. Reply: 1; 0 if it does not wait. */
export const rescheduleScript = composeChanging('reschedule', putOffByPriority, reschedule);
