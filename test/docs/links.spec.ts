import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { anchorOf, codeIn, readReadme, REPOSITORY } from './readme.js';
import { source } from './sources.js';

const readme = readReadme();

describe('the links in the README', () => {
  it('lead to headings and files that are there', () => {
    expect(readme.links.length).toBeGreaterThan(50);
    const anchors = new Set(readme.headings.map((heading) => `#${anchorOf(heading)}`));
    const dead = readme.links.filter(({ target }) =>
      target.startsWith('#') ? !anchors.has(target) : !existsSync(join(REPOSITORY, target)),
    );
    expect(dead).toEqual([]);
  });

  it('lead to one heading each', () => {
    const anchors = readme.headings.map(anchorOf);
    expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([]);
  });

  it('at the top lead to all sections, in their order', () => {
    const sections = [...readme.text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    const contents = readme.links.slice(0, sections.length).map(({ text }) => text);
    expect(contents).toEqual(sections);
  });
});

describe('the files that the README names', () => {
  const travels = readme.text.split('\n## How a job travels\n')[1]!.split('\n## ')[0]!;

  it('are there', () => {
    const paths = codeIn(readme.prose).filter((code) => code.startsWith('lib/'));
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('have the class or function that is named with them', () => {
    const flat = travels.replaceAll(/\s+/g, ' ');
    const pairs = [...flat.matchAll(/`([A-Za-z]\w+)`(?: is `\w+`)? ?(?:in |\()`(lib\/[\w./-]+)`/g)];
    expect(pairs.length).toBeGreaterThan(4);
    expect(pairs.filter(([, name, path]) => !source(path!).includes(name!)).map(([pair]) => pair)).toEqual([]);
  });

  it('take about forty lines', () => {
    expect(travels.trim().split('\n').length).toBeLessThan(60);
  });
});

describe('the place for the figures of the benchmark', () => {
  it('is marked, under the command that makes them', () => {
    expect(readme.text).toMatch(/```sh\nnpm run bench\n```\n\n<!-- bench -->\n[^#]*<!-- \/bench -->\n/);
  });
});
