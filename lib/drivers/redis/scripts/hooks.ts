/**
 * The places in the scripts at which a part can act although the other parts do not know it. A part offers a hook with
 * {@link hook} in its Lua, other parts fill it with `on`. A hook that no part fills leaves no trace in the script.
 *
 * The names in the lists are locals for the code that fills the hook. Ids come as lists, since one command for many ids
 * costs a third of many commands for one id each. The code stands in its own block; it may use the shared fields of
 * `S`, and the helpers of all parts.
 */
export const HOOKS = {
  // Hooks of a poll, in the order in which it reaches them.
  /** A consumer learns that it was lost. */
  lost: [],
  /**
   * Jobs are not claimed any more: they are completed, failed, retried or requeued. For jobs of a lost consumer see
   * `recovered`.
   */
  freed: ['ids'],
  /** A settlement that is not a plain completion is accepted: its values, as the settlement has them. `freed` came before. */
  settled: ['id', 'kind', 'fence', 'number', 'details'],
  /** A settlement is refused. `index`: its number among the completed jobs, or among the other settlements. */
  refused: ['isCompleted', 'index'],
  /** An attempt has failed. `details`: of the failure, as the settlement has them. */
  attemptFailed: ['id', 'attempt', 'errorText', 'details'],
  /**
   * Completed or cancelled jobs are about to lose their records. The code may set `gone` to the ids whose records are removed: of these
   * jobs, or of older ones. `mark`: c for completed, x for cancelled.
   */
  keepCompleted: ['ids', 'fences', 'mark', 'gone'],
  /** Failed jobs are about to lose their records, as `keepCompleted`. `keptFor`: the time for each job, in seconds as text. */
  keepFailed: ['ids', 'keptFor', 'gone'],
  /** The records of ended jobs were removed. */
  forgotten: ['ids'],
  /** Jobs have ended. `state`: `completed`, `failed` or `cancelled`. `reasonText`: of the cancellation, empty without one. `freed` came before. */
  ended: ['ids', 'state', 'reasonText'],
  /** Jobs told something: `S.told` has their values. They are claimed by the consumer, or `freed`. */
  noted: ['ids'],
  /** The status of a job that ends is about to be written. The code may raise its `ttl`, in seconds as text. */
  statusTime: ['id', 'state', 'ttl'],
  /** The status of a job is about to be written. The code may add fields to its `text`, which has no brace at its end. */
  statusEnd: ['id', 'text', 'state'],
  /** A job was settled, and will wait. The code may change `delay`, in milliseconds. */
  waits: ['id', 'kind', 'delay'],
  /** A job was settled, and will wait for `delay` milliseconds. The code may set `push` to LPUSH: it goes to the front. */
  turn: ['id', 'delay', 'crashes', 'push'],
  /** A job is about to wait. Code that puts it in another place than the list `ready` ends with `return`. */
  place: ['push', 'id', 'crashes'],
  /** A job that was ready, or claimed, is about to wait for a time. */
  putOff: ['id', 'crashes'],
  /** Delayed jobs are about to become ready, one by one. */
  dueSoon: ['ids'],
  /** Jobs of a consumer that is `lost` become recovered jobs. They are not claimed any more. */
  recovered: ['ids', 'lost'],
  /** Delayed jobs are due, and become ready. */
  promoted: ['ids'],
  /** Before the claim. The code may lower `S.limit`. */
  mayClaim: [],
  /** The code may add ids to the list `taken`, in front of those of `ready`, up to `S.limit`. */
  source: [],
  /** The code may add ids to the list `taken`, behind those of `ready`, up to `S.limit`. */
  lastSource: [],
  /** A recovered job is about to be claimed. The code may choose another one than the first: its id, or `false` for none. */
  chooseRecovered: ['chosen'],
  /** Ids were taken from a list: `ready`, `recovered` or a priority. The code may replace some of `popped`, or remove them. */
  popped: ['list', 'popped'],
  /** Ids without a job were dropped. */
  dangling: ['ids'],
  /** Jobs were taken, and have records. The code may drop some of `ids`, and their `records`. */
  admit: ['ids', 'records'],
  /** Jobs were claimed. The first job has the fence `S.first`, each other job has the next fence. */
  claimed: ['ids'],
  /** Before the marker is set or deleted. The code may set `wakes` (there is more to do) and `quiet` (no job waits). */
  waking: [],
  /** Before the reply is composed: of a poll that was executed, and of a poll that is answered again. */
  answering: [],
  /** The code may lower `due`, the time in milliseconds at which the next poll is useful. */
  due: [],

  // Hooks of a push, of a clear, of a cancellation, and of the changes of an operator.
  /** A push has arrived before. The code may `return` another reply. */
  repeated: [],
  /** A job may be stored. The code may set `S.skips`, unless that is set. Its values begin at `ARGV[i]`. */
  admitNew: ['i', 'id', 'delay'],
  /** No part skips the job: it will be stored. */
  admitted: ['i', 'id', 'delay'],
  /** The job is skipped. */
  skipped: ['i', 'id'],
  /** A new job is ready. Code that puts it in another place than the list `ready` sets `isPlaced`. */
  placeNew: ['id', 'isPlaced'],
  /** Jobs were stored. `records`: an id, its record, the next id, and so on. The code may set `S.isQuiet` if no consumer needs to know. */
  pushed: ['records'],
  /** The waiting jobs are counted: the code may raise `count`. */
  countWaiting: ['count'],
  /** Jobs of a place are about to be dropped. The code may set `list`, a list of that place, and `skip` for that list. */
  placeToClear: ['list'],
  /** Some elements of a place are looked at. The code may set `isStale` for the positions of stale elements. */
  looked: ['ids', 'isStale'],
  /** A queue is removed, and has no jobs any more: the code removes its own keys. */
  removing: [],
  /** Elements of a place were taken out, whose jobs are about to be dropped. */
  left: [],
  /** Waiting jobs were dropped. */
  dropped: ['ids'],
  /** A waiting job that is ready leaves its place. Code that finds it in another place than the list `ready` ends with `return`. */
  takeReady: ['id'],
  /** A ready job is about to be replaced, and stays ready. `texts`: its new traits. */
  staysReady: ['id', 'texts'],
  /** Live jobs of a removed queue are dropped. Code that drops some lowers `left`, how many may be dropped. */
  dropMore: ['left'],
  /** A failed job is about to be put back. The code may set `stays`. */
  mayRetry: ['id', 'stays'],
  /** Failed jobs were put back to the queue. */
  retried: ['ids'],
} as const satisfies Record<string, readonly string[]>;

export type HookName = keyof typeof HOOKS;

const MARK = /^( *)--@(\w+) (.*)$/gm;

/** Offers a hook on its own line of Lua. The values are Lua, and are evaluated only if a part fills the hook. */
export function hook<Name extends HookName>(name: Name, ...values: ValuesOf<Name>): string {
  return `--@${name} ${JSON.stringify(values)}`;
}

/** A value for each local of a hook. */
type ValuesOf<Name extends HookName> = TextsFor<(typeof HOOKS)[Name]>;
type TextsFor<Locals extends readonly string[]> = { readonly [Index in keyof Locals]: string };

/**
 * Puts code in the place of the hooks.
 *
 * @param codes the code for a hook, in the order of the parts
 * @param found called with each hook that the Lua offers
 */
export function fillHooks(lua: string, codes: (name: HookName) => readonly string[], found: (name: HookName) => void) {
  const fill = (text: string): string =>
    text.replace(MARK, (_, indent: string, word: string, json: string) => {
      const name = word as HookName;
      found(name);
      const code = codes(name);
      if (code.length === 0) return '';
      const values = JSON.parse(json) as string[];
      const given = HOOKS[name].flatMap((local, i) => (local === values[i] ? [] : [[local, values[i]!]]));
      const locals =
        given.length === 0
          ? []
          : [`local ${given.map(([local]) => local).join(', ')} = ${given.map(([, value]) => value).join(', ')}`];
      return code
        .map((each) => ['do', ...locals, fill(each.trim()), 'end'].map((line) => indent + line).join('\n'))
        .join('\n');
    });
  return fill(lua);
}
