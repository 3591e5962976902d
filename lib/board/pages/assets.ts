/** The style of the pages of this library, with the colours of bull-board. */
export const PAGE_STYLE = `
.own-page { height: auto; min-height: 100%; }
.own-header { display: flex; align-items: center; gap: 2rem; min-height: 64px; padding: 0 2rem; background: var(--sidebar); border-bottom: 1px solid var(--sidebar-border); }
.own-header a { color: var(--sidebar-foreground); text-decoration: none; }
.own-header nav { display: flex; flex-wrap: wrap; gap: 1.25rem; }
.own-header a:hover, .own-header a[aria-current] { color: var(--primary); }
.own-brand { font-weight: 600; font-size: 1.1rem; }
.own-main { display: block; max-width: 90rem; margin: 0 auto; padding: 1.5rem 2rem; }
.own-main h1 { font-size: 1.35rem; font-weight: 600; margin: 0 0 1.25rem; line-height: 1.3; overflow-wrap: anywhere; }
.own-main h2 { font-size: 1.05rem; font-weight: 600; margin: 1.75rem 0 0.75rem; overflow-wrap: anywhere; }
.own-main a { color: var(--primary); overflow-wrap: anywhere; }
.own-card { background: var(--card); border: 1px solid var(--border); border-radius: var(--radius); box-shadow: var(--shadow-control); overflow-x: auto; margin-bottom: 1rem; }
.own-main table { width: 100%; border-collapse: collapse; }
.own-main th, .own-main td { padding: 0.5rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--border); overflow-wrap: anywhere; }
.own-main th { color: var(--muted-foreground); font-size: 0.8rem; font-weight: 500; white-space: nowrap; }
.own-main tbody tr:last-child td { border-bottom: 0; }
.own-note, .own-error { color: var(--muted-foreground); }
.own-error { color: var(--destructive); }
.own-form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end; margin-bottom: 1.25rem; }
.own-form label { display: flex; flex-direction: column; gap: 0.25rem; color: var(--muted-foreground); font-size: 0.8rem; }
.own-form input, .own-form select, .own-form button { font: inherit; font-size: 0.95rem; color: var(--foreground); background: var(--card); border: 1px solid var(--input); border-radius: var(--radius); padding: 0.4rem 0.6rem; }
.own-form input[name='q'] { min-width: 18rem; }
.own-form button { background: var(--primary); border-color: var(--primary); color: var(--primary-foreground); cursor: pointer; }
.own-facts { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0 0 1.25rem; }
.own-facts dt { color: var(--muted-foreground); font-size: 0.8rem; }
.own-facts dd { margin: 0; overflow-wrap: anywhere; }
.own-state { display: inline-block; padding: 0.05rem 0.5rem; border-radius: 1rem; font-size: 0.8rem; color: var(--own-colour); border: 1px solid var(--own-colour); --own-colour: var(--muted-foreground); white-space: nowrap; }
.own-completed { --own-colour: var(--status-completed); }
.own-failed { --own-colour: var(--status-failed); }
.own-processing, .own-running, .own-pushed { --own-colour: var(--status-active); }
.own-queued, .own-blocked { --own-colour: var(--status-waiting); }
.own-delayed, .own-retrying { --own-colour: var(--status-delayed); }
.own-cancelled, .own-waiting { --own-colour: var(--status-paused); }
.own-graph { display: block; padding: 1rem; color: var(--foreground); }
.own-graph path { fill: none; stroke: var(--input); stroke-width: 1.5; }
.own-graph rect { fill: var(--card); stroke: var(--own-colour, var(--input)); stroke-width: 1.5; }
.own-graph text { fill: currentColor; font-size: 13px; font-family: var(--font-sans); }
.own-graph .own-detail { fill: var(--own-colour, var(--muted-foreground)); font-size: 11px; }
.own-graph a { text-decoration: none; }
.own-graph a:hover text { text-decoration: underline; }
`;

/** The script of the pages: the theme that was chosen in bull-board, times as the reader writes them, and the newest content. */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const media = window.matchMedia('(prefers-color-scheme: dark)');
  const theme = () => {
    try {
      return JSON.parse(localStorage.getItem('board-settings')).state.theme || 'system';
    } catch {
      return 'system';
    }
  };
  const paint = () => {
    const chosen = theme();
    document.body.classList.toggle('dark-mode', chosen === 'system' ? media.matches : chosen === 'dark');
  };
  const writeTimes = (root) => {
    for (const time of root.querySelectorAll('time')) time.textContent = new Date(time.dateTime).toLocaleString();
  };
  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = page.querySelector('.own-main');
    if (!main) return;
    writeTimes(main);
    document.querySelector('.own-main').replaceWith(main);
  };
  const send = async (form) => {
    const answer = await fetch(form.dataset.put, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    const text = await answer.text();
    await refresh();
    const note = document.querySelector('.own-answer');
    if (note) note.textContent = text;
  };
  document.addEventListener('submit', (event) => {
    if (!event.target.dataset.put) return;
    event.preventDefault();
    send(event.target).catch(() => undefined);
  });
  paint();
  media.addEventListener('change', paint);
  writeTimes(document);
  const every = Number(document.body.dataset.refresh);
  if (every > 0) setInterval(() => refresh().catch(() => undefined), every * 1000);
})();
`;
