import { describe, expect, it } from '@jest/globals';
import { SERVERS, startBoardApp, useBoardApps } from './board-app.js';

describe.each(SERVERS)('the board on %s', (server) => {
  useBoardApps();

  it('serves its pages, its files and its interface below its path', async () => {
    const app = await startBoardApp({ server });
    for (const path of [
      '/queues',
      '/queues/',
      '/queues/queue/mail',
      '/queues/queue/mail/x',
      '/queues/job-schedulers',
    ]) {
      const page = await app.fetch(path);
      expect([path, page.status]).toEqual([path, 200]);
      const text = await page.text();
      expect(text).toContain('<base href="/queues/" />');
      expect(text).not.toContain('googleapis');
    }
    const [, script] = /src="(static\/js\/main[^"]+)"/.exec(await app.text('/queues'))!;
    const file = await app.fetch(`/queues/${script}`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
    expect(await app.json('/queues/api/queues')).toEqual({ queues: [] });
  });

  it('says in each language which priority runs first', async () => {
    const app = await startBoardApp({ server });
    const hint = 'Higher numbers run first, up to 1000. 0 removes the priority.';
    for (const language of ['en-US', 'en-GB', 'da-DK', 'de-DE', 'es-ES', 'fr-FR', 'ja-JP', 'ko-KR', 'pt-BR', 'ru-RU']) {
      const texts = await app.json(`/queues/static/locales/${language}/messages.json`);
      expect(JSON.stringify(texts)).toContain(`"PRIORITY_HINT":${JSON.stringify(hint)}`);
    }
  });
});
