/** Formats a time as `2026-01-31 09:05:07`, in the time zone of the machine. */
export function localTime(time: Date): string {
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}

/** Formats a duration with the digits that matter: `12 ms`, `1.25 s`, `2 min 5 s`. */
export function shortDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Puts a text of unknown origin on one line of limited length. Replaces control characters by spaces, because the name
 * or the message of a job could otherwise control the terminal or imitate a line of the command.
 */
export function oneLine(text: string, length: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
