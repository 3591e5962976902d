/** The lines around a rare block. */
const [OPEN, CLOSE] = ['--@@rarely', '--@@end'];
/** A local function of a part, with the comment above it. Its end stands at the beginning of a line, before its hooks are filled. */
const FUNCTION = /^(?:--.*\n)*local function (\w+)\((?:.* end$|[^]*?^end$)/gm;

/**
 * Marks the inside of a block that few calls of the script reach. It gets the helpers that nothing else in the script calls. To make a
 * function takes Lua half a microsecond in each call of the script, whether it is called or not: it stores each local that
 * the function uses.
 *
 * @param lua all statements of the block
 */
export function rarely(lua: string): string {
  return `${OPEN}\n${lua.trim()}\n${CLOSE}`;
}

/** A helper: a function if it has a name, else other Lua. */
interface Helper {
  readonly name: string | undefined;
  readonly lua: string;
}

/**
 * Returns the helpers and the Lua that acts, each helper in front of the first place that needs it: at the beginning, or in a
 * rare block. Helpers that nothing calls are left out.
 *
 * @param helperTexts the helpers of each part, with their hooks not filled
 * @param fill fills the hooks of pieces of Lua
 */
export function placeHelpers(
  helperTexts: readonly string[],
  acts: string,
  fill: (pieces: readonly string[]) => readonly string[],
): string {
  const pieces = helperTexts.flatMap(split);
  const filled = fill([...pieces.map(({ lua }) => lua), acts]);
  const helpers = pieces.map(({ name }, i): Helper => ({ name, lua: withoutMarks(filled[i]!) }));
  const blocks = blocksOf(filled.at(-1)!);
  const usual = [...helpers.filter(({ name }) => name === undefined), ...blocks.filter(({ isRare }) => !isRare)];
  const always = calledBy(usual.map(({ lua }) => lua).join('\n'), helpers);
  const placed = blocks.map(({ lua, isRare }) => {
    const called = isRare ? calledBy(lua, helpers) : new Set<Helper>();
    const own = helpers.filter((helper) => called.has(helper) && !always.has(helper));
    return own.map((helper) => `${helper.lua}\n`).join('') + lua;
  });
  const first = helpers.filter((helper) => helper.name === undefined || always.has(helper));
  return [...first.map(({ lua }) => lua), ...placed].join('\n');
}

/** Splits Lua at the marks of its rare blocks. A block within another one is a part of that one. */
function blocksOf(lua: string): { lua: string; readonly isRare: boolean }[] {
  const blocks = [{ lua: '', isRare: false }];
  let depth = 0;
  for (const line of lua.split('\n')) {
    const mark = line.trim();
    if (mark !== OPEN && mark !== CLOSE) {
      blocks.at(-1)!.lua += `${line}\n`;
      continue;
    }
    const isOutside = depth === 0;
    depth += mark === OPEN ? 1 : -1;
    if (isOutside || depth === 0) blocks.push({ lua: '', isRare: depth > 0 });
  }
  return blocks;
}

function split(text: string): Helper[] {
  const helpers: Helper[] = [];
  let end = 0;
  for (const match of text.matchAll(FUNCTION)) {
    helpers.push({ name: undefined, lua: text.slice(end, match.index).trim() }, { name: match[1], lua: match[0] });
    end = match.index + match[0].length;
  }
  helpers.push({ name: undefined, lua: text.slice(end).trim() });
  return helpers.filter(({ lua }) => lua !== '');
}

/** Returns the helpers that the Lua calls, and those which they call. */
function calledBy(lua: string, helpers: readonly Helper[]): ReadonlySet<Helper> {
  const called = new Set<Helper>();
  const queue = [lua];
  for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
    const words = new Set(text.replaceAll(/--.*$/gm, '').match(/(?<![.:\w])\w+/g));
    for (const helper of helpers) {
      if (helper.name === undefined || called.has(helper) || !words.has(helper.name)) continue;
      called.add(helper);
      queue.push(helper.lua);
    }
  }
  return called;
}

function withoutMarks(lua: string): string {
  return blocksOf(lua)
    .map((block) => block.lua)
    .join('');
}
