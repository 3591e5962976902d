import { inFile } from './in-file.js';

const inUnique = inFile('redis', 'lib/drivers/redis/scripts/parts/unique.part.ts');
const inTake = inFile('redis', 'lib/drivers/redis/scripts/parts/take-unique.part.ts');
const inCodec = inFile('redis', 'lib/drivers/redis/trait-codec.ts');
const inArray = inFile('array', 'lib/drivers/array/array-unique.ts');
const inArrayMender = inFile('array', 'lib/drivers/array/array-mender.ts');

/** Faults of the keys of unique jobs. */
export const UNIQUE_MUTANTS = [
  inUnique('the key of an ended job stays', `if #freed > 0 then redis.call('HDEL', unique, unpack(freed)) end`, ''),
  inUnique('a job frees the key of another one', 'if holders[i] == owners[i] then', 'if true then'),
  inUnique('a throttle is forgotten at the end', 'if times[i] > now and not atOnce then', 'if false then'),
  inUnique('a throttle outlives a cancellation', 'if times[i] > now and not atOnce then', 'if times[i] > now then'),
  inUnique('a key is not freed at the start', 'freeKeys(ids, false, ${UNTIL_START})', ''),
  inUnique('every key is freed at the start', 'freeKeys(ids, false, ${UNTIL_START})', 'freeKeys(ids, false)'),
  inUnique('the keys of throttles never expire', `redis.call('PEXPIRE', unique, left)`, ''),
  inTake('a taken key is taken again', 'if owner then', 'if false then'),
  inTake('two jobs of one push have one key', 'keyOwners[key], isNewKey[key] = id, true', ''),
  inTake(
    'a throttle never ends',
    'if ends and tonumber(ends) > now then return id, true end',
    'if ends then return id, true end',
  ),
  inTake(
    'the keys of live jobs expire with those of throttles',
    `if redis.call('PERSIST', unique) == 1 then redis.call('PERSIST', throttles) end`,
    '',
  ),
  inTake(
    'a failed job is put back although another one has its key',
    'stays = owner and owner ~= id and not isThrottled',
    'stays = false',
  ),
  inTake('a failed job does not take its key again', 'giveKeys({ key, id })', ''),
  inTake(
    'a job moves although its key is taken there',
    'if isThrottled then forgetThrottle(key, owner) else S.skips = true end',
    '',
  ),
  inCodec(
    'keys are freed at the start, whatever the job says',
    `return \`\${until === 'start' ? 's' : 'e'}\${duration === undefined ? '' : \`+\${Math.ceil(duration * 1000)}\`} \${storedKey(key)}\`;`,
    `return \`s\${duration === undefined ? '' : \`+\${Math.ceil(duration * 1000)}\`} \${storedKey(key)}\`;`,
  ),
  inArray('the key of an ended job stays in memory', 'this.owners.delete(slot);', ''),
  inArray('a job frees the key of another one in memory', 'if (this.owners.get(slot) === id) {', 'if (true) {'),
  inArray(
    'a throttle outlives a cancellation in memory',
    'if (atOnce && this.byJob.get(slotOf(queue, id)) === key) this.endThrottle(queue, id);',
    '',
  ),
  inArrayMender(
    'a failed job is put back in memory although another one has its key',
    'if (keys.has(unique.key) || (owner && !owner.isThrottled)) continue;',
    '',
  ),
];
