import { expect, test } from '@jest/globals';
import { JobControl } from '../../../lib/job/job-context.js';
import { withoutOwnFrames } from '../../../lib/support/own-frames.js';

test('withoutOwnFrames() removes the frames of the library, and keeps all other lines', () => {
  const stack = new Error('at first').stack!;
  expect(withoutOwnFrames(stack)).toContain('own-frames.spec.ts');
  expect(withoutOwnFrames(stack)).toMatch(/^Error: at first\n/);
  let inside = '';
  const control = new JobControl(1);
  control.signal.addEventListener('abort', () => (inside = new Error('inside').stack!));
  control.abort(new Error('now'));
  expect(inside).toMatch(/[/\\]lib[/\\]job[/\\]job-context/);
  expect(withoutOwnFrames(inside)).not.toMatch(/[/\\]lib[/\\]job/);
  expect(withoutOwnFrames(inside)).toContain('own-frames.spec.ts');
});

test('withoutOwnFrames() removes the frames by which Node calls a job', () => {
  const stack = [
    'Error: a',
    '    at handle (/app/job.js:1:1)',
    '    at AsyncResource.runInAsyncScope (node:async_hooks:206:9)',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
  ].join('\n');
  expect(withoutOwnFrames(stack).split('\n')).toEqual([
    'Error: a',
    '    at handle (/app/job.js:1:1)',
    '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
  ]);
});
