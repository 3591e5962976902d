import { inFile } from './in-file.js';

const inStats = inFile('redis', 'lib/drivers/redis/scripts/parts/stats.part.ts');
const inSettle = inFile('redis', 'lib/drivers/redis/scripts/parts/settle.part.ts');
const inArraySettler = inFile('array', 'lib/drivers/array/array-settler.ts');
const inArrayStats = inFile('array', 'lib/drivers/array/array-stats.ts');

/** Faults of the statistics. */
export const STATS_MUTANTS = [
  inStats('a refused settlement is counted', 'if S.refusedCodes then', 'if false then'),
  inStats('the minutes never get into their hours', 'if lastMinute and lastMinute ~= current then', 'if false then'),
  inStats(
    'a minute gets into its hour again with each poll',
    'if lastMinute and lastMinute ~= current then',
    'if lastMinute then',
  ),
  inStats('a minute never expires', "redis.pcall('EXPIRE', key, ${KEPT_AS_HOUR})", ''),
  inStats('an hour never expires', "redis.pcall('EXPIRE', hourKey, ${KEPT_AS_HOUR})", ''),
  inSettle(
    'the wrong settlement is taken out of the statistics',
    'cursor, other = cursor + 6, other + 1',
    'cursor = cursor + 6',
  ),
  inArraySettler('memory counts nothing', 'this.stats.count(settlement);', ''),
  inArrayStats(
    'memory counts a release',
    "if (sample === undefined || kind === 'release' || kind === 'cancel') return;",
    'if (sample === undefined) return;',
  ),
];
