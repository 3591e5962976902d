import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readDocs, REPOSITORY } from './docs.js';
import { PROOFS, type Proof } from './promises.js';
import { source } from './sources.js';

const docs = readDocs();
const CHAPTERS = Object.entries(PROOFS).flatMap(([file, headings]) =>
  Object.entries(headings).map(([heading, proofs]) => [file, heading, Object.entries(proofs)] as const),
);

describe.each(CHAPTERS)('the promises of %s under "%s"', (file, heading, proofs) => {
  it('are exactly the promises with proofs', () => {
    const promised = docs.of(file).items.filter((item) => item.heading === heading);
    expect(promised.map(({ lead }) => lead)).toEqual(proofs.map(([lead]) => lead));
  });

  for (const [lead, tests] of proofs) {
    it(`${lead}: has tests of this title`, () => {
      expect(tests).not.toHaveLength(0);
      expect(tests.filter(isMissing)).toEqual([]);
    });
  }
});

function isMissing([file, title]: Proof): boolean {
  if (!existsSync(join(REPOSITORY, file))) return true;
  const text = source(file);
  return ![`'${title}'`, `"${title}"`, `\`${title}\``, `${title};`].some((quoted) => text.includes(quoted));
}
