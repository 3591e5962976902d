import { compileScript, type ScriptDefinition } from '../../../lib/drivers/redis/scripts/script.js';
import { POLL_FORMS, type pollScript } from '../../../lib/drivers/redis/scripts/poll.script.js';

/** Returns the hash that every call of a script contains. */
export function shaOf(script: ScriptDefinition): string {
  return compileScript(script).sha;
}

/** Reads the arguments of a poll from data on the wire, which may contain other requests too, and may begin within one. */
export function readPoll(sent: Buffer): { claims: number; settles: boolean } {
  const lines = sent.toString('latin1').split('\r\n');
  const script = POLL_FORMS.find((each) => lines.includes(shaOf(each)));
  if (!script) throw new Error(`No poll is in ${JSON.stringify(sent.toString('latin1'))}`);
  const at = lines.indexOf(shaOf(script));
  // Each word stands behind a line with its length. The first one behind the hash is the number of keys.
  const words = lines.filter((_, i) => i > at && (i - at) % 2 === 0);
  const args = words.slice(1 + script.keys.length);
  const valueOf = (name: (typeof pollScript.args)[number]): string | undefined => args[script.args.indexOf(name)];
  return {
    claims: Number(valueOf('limit')),
    settles: (valueOf('completed') ?? '') !== '' || args.length > script.args.length,
  };
}
