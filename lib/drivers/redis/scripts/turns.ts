import { COUNT_GROUPED } from './group-state.js';
import { COUNT_PRIORITIZED } from './levels.js';
import { QUEUE_ROOM, ROOM_ARGS, ROOM_KEYS } from './queue-room.js';

/** The keys and arguments of a script that counts the ready jobs of a queue. */
export const TURNS_KEYS = ['ready', 'priority', 'groups', 'recovered', 'gone', 'goneRecovered', ...ROOM_KEYS] as const;
export const TURNS_ARGS = ROOM_ARGS;

/**
 * Lua that counts the ready jobs of a queue: `turns` of them, `blocked` of these, which are all if the queue lets no job start (`isShut`). It
 * writes nothing, and has the helpers of {@link QUEUE_ROOM}.
 */
export const COUNT_TURNS = `${COUNT_GROUPED}${COUNT_PRIORITIZED}${QUEUE_ROOM}
local inGroups, blocked = countGrouped()
local turns = liveLength(ready, gone) + countPrioritized() + inGroups + liveLength(recovered, goneRecovered)
local isShut = turns > 0 and not hasRoom()
if isShut then blocked = turns end
`;
