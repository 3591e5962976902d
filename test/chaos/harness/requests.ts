import { compileScript, type ScriptDefinition } from '../../../lib/drivers/redis/scripts/script.js';
import { pollScript } from '../../../lib/drivers/redis/scripts/poll.script.js';

/** What the requests that call a script have in them. */
export function shaOf(script: ScriptDefinition): string {
  return compileScript(script).sha;
}

/** What a poll that was seen on the wire asked for, in whatever else was sent with it. */
export function readPoll(sent: Buffer): { claims: number; settles: boolean } {
  const words = sent
    .toString('latin1')
    .split('\r\n')
    .filter((_, i) => i % 2 === 0);
  const at = words.indexOf(shaOf(pollScript));
  const all = words.slice(at + 2);
  const args = all.slice(pollScript.keys.length);
  const valueOf = (name: (typeof pollScript.args)[number]): string => args[pollScript.args.indexOf(name)]!;
  return {
    claims: Number(valueOf('limit')),
    settles: valueOf('completed') !== '' || args.length > pollScript.args.length,
  };
}
