import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { anchorOf, codeIn, type Doc, type Link, readDocs, REPOSITORY } from './docs.js';
import { PLACES } from './places.js';
import { source } from './sources.js';

const docs = readDocs();

/** The folders and files at the root of the repository whose paths a document may name. */
const PATH = /^(lib|test|sample-app|\.scripts|\.ci)\/[\w./-]*$/;

interface Target {
  /** The path in the repository. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Finds the file, or the folder, that a link of a document leads to. */
function targetOf({ file, target }: Link): Target {
  const [path = '', anchor] = target.split('#');
  return { path: path === '' ? file : normalize(join(dirname(file), path)), anchor };
}

/** Finds the document that a link leads to, also if the link names its folder. */
function documentOf(link: Link): Doc | undefined {
  const { path } = targetOf(link);
  return docs.files.find(({ file }) => file === path || file === join(path, 'README.md'));
}

function isDead(link: Link): boolean {
  const { path, anchor } = targetOf(link);
  if (!existsSync(join(REPOSITORY, path))) return true;
  return anchor !== undefined && !documentOf(link)?.headings.map(anchorOf).includes(anchor);
}

describe('the README', () => {
  it('has at most 250 lines', () => {
    expect(docs.of(PLACES.readme).text.trimEnd().split('\n').length).toBeLessThanOrEqual(250);
  });
});

describe('the links in the documents', () => {
  const links = docs.links.filter(({ target }) => !target.startsWith('https://'));

  it('lead to files and headings that exist', () => {
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(isDead)).toEqual([]);
  });

  it('lead to exactly one heading each', () => {
    const doubled = docs.files.flatMap(({ file, headings }) => {
      const anchors = headings.map(anchorOf);
      return anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index).map((anchor) => `${file}#${anchor}`);
    });
    expect(doubled).toEqual([]);
  });

  it('lead from the README to every document', () => {
    const reached = new Set([docs.of('README.md')]);
    for (const { links: found } of reached) {
      for (const document of found.map(documentOf)) if (document) reached.add(document);
    }
    expect(docs.files.filter((doc) => !reached.has(doc)).map(({ file }) => file)).toEqual([]);
  });
});

describe('the files that the documents name', () => {
  it('exist', () => {
    // NAME stands for the name of a feature that is not there yet.
    const paths = codeIn(docs.prose).filter((code) => PATH.test(code) && !code.includes('NAME'));
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('contain the class or function that is named with them', () => {
    const pairs = [...docs.prose.matchAll(/`([A-Za-z]\w+)`(?: is `\w+`)? ?(?:in |\()`(lib\/[\w./-]+)`/g)];
    expect(pairs.length).toBeGreaterThan(4);
    expect(pairs.filter(([, name, path]) => !source(path!).includes(name!)).map(([pair]) => pair)).toEqual([]);
  });
});

describe('the list of files on the way of a job', () => {
  const chapter = docs.of(PLACES.library).text.split('\n## How a job travels\n')[1]!.split('\n## ')[0]!;
  const travels = chapter.replace(/^```mermaid\n.*?^```\n/ms, '');

  it('names the files on the way in fewer than sixty lines', () => {
    expect(codeIn(travels.replaceAll(/\s+/g, ' ')).filter((code) => PATH.test(code)).length).toBeGreaterThan(15);
    expect(travels.trim().split('\n').length).toBeLessThan(60);
  });
});

describe('the figures of the benchmark', () => {
  it('have a marked place under the command that makes them', () => {
    expect(docs.of(PLACES.benchmark).text).toMatch(
      /```sh\nnpm run bench\n```\n\n<!-- bench -->\n[^#]*<!-- \/bench -->\n/,
    );
  });
});
