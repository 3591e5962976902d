import { describe, expect, it } from '@jest/globals';
import { readLogLine } from '../../../lib/logs/log-line.js';

describe('readLogLine', () => {
  it.each(['', 'a', 'two\nlines', 'é'.repeat(2_048), '😀'.repeat(1_024), 'x'.repeat(4_096)])(
    'keeps a text of at most 4 kB (%#)',
    (line) => {
      expect(readLogLine(line)).toBe(line);
    },
  );

  it.each([
    ['x'.repeat(4_097), `${'x'.repeat(4_093)}…`],
    ['é'.repeat(2_049), `${'é'.repeat(2_046)}…`],
    ['€'.repeat(1_366), `${'€'.repeat(1_364)}…`],
    ['😀'.repeat(1_025), `${'😀'.repeat(1_023)}…`],
    [`${'x'.repeat(4_096)}😀`, `${'x'.repeat(4_093)}…`],
    ['x'.repeat(1_000_000), `${'x'.repeat(4_093)}…`],
  ])('cuts a longer one behind a whole character (%#)', (line, cut) => {
    expect(readLogLine(line)).toBe(cut);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(4_096);
  });

  it('replaces half a character, as each storage does', () => {
    expect(readLogLine('a\ud83d')).toBe('a\ufffd');
  });

  it.each([undefined, null, 5, {}, ['a'], new Error('no luck')])('refuses what is no text: %p', (value) => {
    expect(() => readLogLine(value)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringContaining('Option "log": expected a line of text, got '),
      }),
    );
  });
});
