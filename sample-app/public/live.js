// Connects the page with the application: events come in, and the buttons send requests.

import { followBatch, showJobs, tick } from './jobs.js';
import { element, showMoves, showTotals } from './lanes.js';

const rate = document.querySelector('#rate b');
const chart = document.querySelector('#chart');
const answer = document.querySelector('#answer');
const connection = document.querySelector('#connection');
const workers = document.querySelector('#workers');
/** Completed jobs, by second: the last minute, and the second that runs. */
const seconds = Array.from({ length: 61 }, () => 0);

const stream = new EventSource('/live/events');
stream.addEventListener('open', () => (connection.textContent = 'live'));
stream.addEventListener('error', () => (connection.textContent = 'connecting again'));
stream.addEventListener('moves', ({ data }) => {
  const message = JSON.parse(data);
  seconds[60] += Object.values(message.completed).reduce((sum, count) => sum + count, 0);
  showMoves(message);
  showJobs(message.moves);
});
stream.addEventListener('totals', ({ data }) => {
  const { queues, workers: running, isDurable } = JSON.parse(data);
  showTotals(queues);
  showWorkers(running);
  const button = (name) => document.querySelector(`[data-action="${name}"]`);
  button('start-worker').disabled = !isDurable;
  button('start-worker').title = isDurable ? '' : 'It needs Redis: QUEUE_DRIVER=redis npm start';
  button('kill-worker').disabled = !running.some(({ isChild }) => isChild);
});

function showWorkers(running) {
  workers.replaceChildren(
    ...running.map(({ host, pid, busy, concurrency, isChild }) =>
      element(
        'li',
        {},
        element('code', { textContent: `${host}:${pid}${isChild ? ' (may be killed)' : ''}` }),
        element('span', { textContent: `${busy} of ${concurrency} busy` }),
      ),
    ),
  );
}

setInterval(() => {
  rate.textContent = seconds[60].toLocaleString('en');
  seconds.shift();
  seconds.push(0);
  draw();
}, 1000);
setInterval(tick, 100);

function draw() {
  const pen = chart.getContext('2d');
  const most = Math.max(10, ...seconds);
  pen.clearRect(0, 0, chart.width, chart.height);
  pen.fillStyle = getComputedStyle(document.body).getPropertyValue('--completed');
  for (const [at, count] of seconds.slice(0, 60).entries()) {
    const height = (count / most) * chart.height;
    pen.fillRect(at * 5, chart.height - height, 4, height);
  }
}

const actions = {
  ship: () => post('/parcels', { count: 10_000 }),
  fail: () => post('/parcels', { count: 300, carrierIsDown: true }),
  retry: () => post('/parcels/retry'),
  cancel: () => post('/parcels/cancel'),
  thumbnails: async () => {
    const accepted = await post('/thumbnails');
    if (accepted) await followBatch('24 thumbnails', accepted.thumbnailsUrl);
  },
  'start-worker': () => post('/live/workers'),
  'kill-worker': () => send('/live/workers', { method: 'DELETE' }),
  import: () => {
    const lines = Array.from({ length: 2000 }, (_, at) => `contact-${at}-${Date.now()}@example.com,Contact ${at}`);
    const form = new FormData();
    form.append('contacts', new Blob([lines.join('\n')], { type: 'text/csv' }), 'contacts.csv');
    return send('/imports', { method: 'POST', body: form });
  },
};

document.querySelector('#actions').addEventListener('click', ({ target }) => {
  const action = actions[target.dataset?.action];
  if (action) void action();
});

function post(path, body = {}) {
  return send(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
}

/** Shows the answer of the application, whatever it is. Returns what a request that was accepted got. */
async function send(path, request) {
  try {
    const response = await fetch(path, request);
    const text = await response.text();
    answer.textContent = `${response.status} ${text}`.slice(0, 160);
    return response.ok ? JSON.parse(text) : undefined;
  } catch (error) {
    answer.textContent = String(error);
    return undefined;
  }
}
