import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROOFS, type Proof } from './promises.js';
import { readReadme, REPOSITORY } from './readme.js';
import { source } from './sources.js';

const readme = readReadme();

describe.each(Object.keys(PROOFS))('what the README promises under "%s"', (heading) => {
  const proofs = Object.entries(PROOFS[heading]!);

  it('is what the table of proofs has', () => {
    const promised = readme.items.filter((item) => item.heading === heading).map(({ lead }) => lead);
    expect(promised).toEqual(proofs.map(([lead]) => lead));
  });

  for (const [lead, tests] of proofs) {
    if (tests.length === 0) it.todo(`${lead}: has no test yet`);
    else it(`${lead}: has tests of this title`, () => expect(tests.filter(isMissing)).toEqual([]));
  }
});

function isMissing([file, title]: Proof): boolean {
  if (!existsSync(join(REPOSITORY, file))) return true;
  const text = source(file);
  return ![`'${title}'`, `"${title}"`, `\`${title}\``, `${title};`].some((quoted) => text.includes(quoted));
}
