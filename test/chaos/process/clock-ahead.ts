/** Sets the clock of this process ahead, as an administrator would: what measures time by itself is not touched. @param milliseconds default: 0 */
export function setClockAhead(milliseconds = 0): void {
  if (milliseconds === 0) return;
  const now = Date.now.bind(Date);
  Date.now = () => now() + milliseconds;
}
