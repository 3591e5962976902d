// The queues as lanes: numbers, and dots that move from place to place.

const PLACES = ['delayed', 'blocked', 'ready', 'reserved', 'completed', 'failed'];
const LABELS = { reserved: 'running' };
const COLORS = { pushed: 'pushed', started: 'started', completed: 'completed', retrying: 'retrying', failed: 'failed' };
/** From which place to which place an event moves a job. */
const WAYS = {
  pushed: [null, 'ready'],
  started: ['ready', 'reserved'],
  completed: ['reserved', 'completed'],
  retrying: ['reserved', 'delayed'],
  released: ['reserved', 'delayed'],
  failed: ['reserved', 'failed'],
  recovered: ['reserved', 'ready'],
  requeued: ['reserved', 'ready'],
};
const MOST_DOTS = 80;

const root = document.querySelector('#lanes');
const lanes = new Map();

export function showTotals(queues) {
  for (const queue of queues) {
    const lane = laneOf(queue.name);
    for (const place of PLACES) if (place !== 'completed') lane.numbers[place].textContent = format(queue[place]);
  }
}

export function showMoves({ moves, completed }) {
  for (const [queue, count] of Object.entries(completed)) {
    const lane = laneOf(queue);
    lane.completed += count;
    lane.numbers.completed.textContent = format(lane.completed);
  }
  for (const move of moves) moveDot(laneOf(move.queue), move.type);
}

function laneOf(name) {
  const known = lanes.get(name);
  if (known) return known;
  const title = element('h3', { textContent: name });
  const numbers = {};
  const cells = PLACES.map((place) => {
    numbers[place] = element('b', { textContent: '0' });
    return element('div', {}, numbers[place], element('span', { textContent: LABELS[place] ?? place }));
  });
  const track = element('div', { className: 'track' });
  const lane = { numbers, track, completed: 0, dots: 0 };
  root.append(element('div', { className: 'lane' }, title, element('div', { className: 'places' }, ...cells), track));
  lanes.set(name, lane);
  return lane;
}

function moveDot(lane, type) {
  const way = WAYS[type];
  if (!way || lane.dots >= MOST_DOTS || document.hidden) return;
  const [from, to] = way.map((place) => (place === null ? -1 : PLACES.indexOf(place)));
  const width = lane.track.clientWidth / PLACES.length;
  const dot = element('i', { className: 'dot' });
  dot.style.background = `var(--${COLORS[type] ?? 'started'})`;
  dot.style.top = `${Math.random() * 18}px`;
  dot.style.transform = `translateX(${(from + 0.2) * width}px)`;
  lane.track.append(dot);
  lane.dots++;
  const at = (place) => ({ transform: `translateX(${(place + 0.2) * width}px)` });
  dot
    .animate([at(from), at(to)], { duration: 600, delay: Math.random() * 150, easing: 'ease-in-out', fill: 'forwards' })
    .finished.finally(() => {
      dot.remove();
      lane.dots--;
    });
}

export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function format(number) {
  return number.toLocaleString('en');
}
