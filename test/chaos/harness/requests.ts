import { compileScript, type ScriptDefinition } from '../../../lib/drivers/redis/scripts/script.js';
import { POLL_FORMS, type pollScript } from '../../../lib/drivers/redis/scripts/poll.script.js';

/** Returns the hash that every call of a script contains. */
export function shaOf(script: ScriptDefinition): string {
  return compileScript(script).sha;
}

/** Reads the arguments of a poll from data on the wire, which may contain other requests too. */
export function readPoll(sent: Buffer): { claims: number; settles: boolean } {
  const words = sent
    .toString('latin1')
    .split('\r\n')
    .filter((_, i) => i % 2 === 0);
  const script = POLL_FORMS.find((each) => words.includes(shaOf(each)))!;
  const all = words.slice(words.indexOf(shaOf(script)) + 2);
  const args = all.slice(script.keys.length);
  const valueOf = (name: (typeof pollScript.args)[number]): string => args[script.args.indexOf(name)]!;
  return {
    claims: Number(valueOf('limit')),
    settles: valueOf('completed') !== '' || args.length > script.args.length,
  };
}
