// Single jobs: the latest ones with their state and the time to their retry, and bars of long ones.

import { element } from './lanes.js';

const MOST_JOBS = 14;
const ENDS = new Set(['completed', 'failed', 'cancelled', 'expired']);

const list = document.querySelector('#jobs');
const bars = document.querySelector('#bars');
const rows = new Map();
const barsOf = new Map();

export function showJobs(moves) {
  for (const move of moves) {
    if (move.type === 'progress' || barsOf.has(move.id)) showBar(move);
    if (move.type !== 'progress') showRow(move);
  }
}

/** Counts down to the retries. */
export function tick() {
  for (const row of rows.values()) {
    if (row.retryAt === undefined) continue;
    const seconds = Math.max(0, (row.retryAt - Date.now()) / 1000);
    row.note.textContent = `again in ${seconds.toFixed(1)} s`;
  }
}

function showRow({ id, name, type, attempt, delay, error }) {
  const row = rows.get(id) ?? newRow(id, name);
  row.state.textContent = type;
  row.state.className = `state ${type}`;
  row.item.title = error ?? '';
  row.retryAt = delay === undefined ? undefined : Date.now() + delay * 1000;
  row.note.textContent = error ?? (attempt > 1 ? `attempt ${attempt}` : '');
  row.cancel.hidden = ENDS.has(type);
}

function newRow(id, name) {
  const state = element('span', {});
  const note = element('code', {});
  const cancel = element('button', { textContent: 'cancel' });
  cancel.addEventListener('click', () => void fetch(`/jobs/${encodeURIComponent(id)}`, { method: 'DELETE' }));
  const item = element('li', {}, state, element('span', { textContent: name }), note, cancel);
  const row = { item, state, note, cancel };
  rows.set(id, row);
  list.prepend(item);
  for (const [oldest, { item: old }] of rows) {
    if (rows.size <= MOST_JOBS) break;
    rows.delete(oldest);
    old.remove();
  }
  return row;
}

/** Asks for the state of a batch until nothing of it can run any more. */
export async function followBatch(label, url) {
  const { meter, note } = newBar(label);
  for (;;) {
    const { state, total, completed, failed, progress, finishedAt } = await (await fetch(url)).json();
    meter.value = progress * 100;
    note.textContent = `${completed} of ${total}${failed > 0 ? `, ${failed} failed` : ''}`;
    if (finishedAt !== undefined) {
      note.textContent = state === 'completed' ? 'all done' : state;
      return;
    }
    await pause(200);
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function newBar(label) {
  const bar = { meter: element('progress', { max: 100, value: 0 }), note: element('span', {}) };
  bars.prepend(element('li', {}, element('span', { textContent: label }), bar.meter, bar.note));
  if (bars.children.length > 5) bars.lastElementChild.remove();
  return bar;
}

function showBar({ id, name, type, progress }) {
  let bar = barsOf.get(id);
  if (!bar) {
    bar = newBar(name);
    barsOf.set(id, bar);
  }
  if (type === 'progress' && typeof progress === 'number') {
    bar.meter.value = progress;
    bar.note.textContent = `${Math.round(progress)} %`;
  } else if (ENDS.has(type)) {
    if (type === 'completed') bar.meter.value = 100;
    bar.note.textContent = type;
    barsOf.delete(id);
  }
}
