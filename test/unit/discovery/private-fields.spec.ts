import { describe, expect, it } from '@jest/globals';
import { findPrivateField } from '../../../lib/discovery/private-fields.js';

/** Evaluates the source of a class as it stands: a compiler would write it in another way. */
function classOf(source: string): object {
  return (0, eval)(`(${source})`) as object; // oxlint-disable-line no-eval
}

describe('findPrivateField', () => {
  it.each([
    ['class { #path; constructor(path) { this.#path = path; } }', '#path'],
    ['class{#a;constructor(b){this.#a=b}}', '#a'],
    ['class { a = 1; #b = 2 }', '#b'],
    ['class { a() { return 1 } #b }', '#b'],
    ['class {\n  a = 1\n  #größe\n}', '#größe'],
    ['class extends (class { #inherited = 1 }) { a = 1 }', '#inherited'],
    ['class { // the path\n  #path; }', '#path'],
    ["class { url = 'http://a'; #path = 1 }", '#path'],
  ])('finds the field in %s', (source, field) => {
    expect(findPrivateField(classOf(source))).toBe(field);
  });

  it.each([
    'class {}',
    'class { constructor(path) { this.path = path; } }',
    'class { #normalize(path) { return path; } constructor(path) { this.path = this.#normalize(path); } }',
    'class { get #path() { return 1; } }',
    'class { static #count = 0 }',
    'class { /* #a; */ a = 1 }',
    'class { a = "{#main}" }',
    "class { a = '{#main}' }",
    'class { a = `\n#b = 1\n` }',
    'class { // {#a}\n }',
    'function Old() {}',
  ])('finds no field in %s', (source) => {
    expect(findPrivateField(classOf(source))).toBeUndefined();
  });
});
