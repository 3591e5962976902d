import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UIConfig } from '@bull-board/api/typings/app';
import { html, raw } from './pages/html.js';

/** The styles and scripts of the user interface, as its own page names them. */
export interface UiFiles {
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
}

/**
 * Reads which files the page of bull-board loads from its own folder. The page itself is not served: it loads fonts from elsewhere, and has inline
 * styles.
 *
 * @param folder the folder of `index.ejs`
 * @throws Error if it names none
 */
export function readUiFiles(folder: string): UiFiles {
  const page = readFileSync(join(folder, 'index.ejs'), 'utf8');
  const found = (pattern: RegExp): string[] => [...page.matchAll(pattern)].map(([, path]) => path!);
  const styles = found(/<link[^>]*\shref="(static\/[\w./-]+\.css)"/g);
  const scripts = found(/<script[^>]*\ssrc="(static\/[\w./-]+\.js)"/g);
  if (styles.length > 0 && scripts.length > 0) return { styles, scripts };
  throw new Error(
    `The page of @bull-board/ui names no styles or no scripts of its own: expected those of version 9 in ${folder}`,
  );
}

/** Makes the page of the user interface. @param base the path of the board, with a slash at its end */
export function boardPage({ styles, scripts }: UiFiles, base: string, config: UIConfig): string {
  // As JSON in a script element: no text in it may end the element.
  const json = JSON.stringify(config).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
  return html`<!doctype html>
    <html lang="en" dir="ltr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <base href="${base}" />
        <title>${config.boardTitle ?? ''}</title>
        <link rel="icon" type="image/svg+xml" id="fav-logo" href="static/images/logo.svg" />
        ${styles.map((path) => html`<link href="${path}" rel="stylesheet" />`)}
      </head>
      <body class="preload">
        <script id="__UI_CONFIG__" type="application/json">
          ${raw(json)}
        </script>
        <div id="root"></div>
        ${scripts.map((path) => html`<script defer src="${path}"></script>`)}
      </body>
    </html>`.toString();
}
