import { describe, expect, it } from '@jest/globals';
import { delayInHeader, nameInRecord, tagsInHeader } from '../../../lib/job/job-record.js';

describe('the header line of a record', () => {
  it.each(['\u2028', '\u2029', '\\n'])('is read with the line terminator %j in its labels', (terminator) => {
    const header = `hSendEmail\t{"w":5,"g":["vip","a${terminator}b"],"x":{"note":"a${terminator}b"}}`;
    expect(nameInRecord(header)).toBe('SendEmail');
    expect(tagsInHeader(header)).toHaveLength(2);
    expect(tagsInHeader(header)).toContain('vip');
    expect(delayInHeader(header)).toBe(5);
  });
});
