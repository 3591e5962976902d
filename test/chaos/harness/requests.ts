import { compileScript, type ScriptDefinition } from '../../../lib/drivers/redis/scripts/script.js';
import { stepScript } from '../../../lib/drivers/redis/scripts/step.script.js';

/** What the requests that call a script have in them. */
export function shaOf(script: ScriptDefinition): string {
  return compileScript(script).sha;
}

/** What a step that was seen on the wire asked for, in whatever else was sent with it. */
export function readStep(sent: Buffer): { claims: number; settles: boolean } {
  const words = sent
    .toString('latin1')
    .split('\r\n')
    .filter((_, i) => i % 2 === 0);
  const at = words.indexOf(shaOf(stepScript));
  const all = words.slice(at + 2);
  const args = all.slice(stepScript.keys.length);
  const valueOf = (name: (typeof stepScript.args)[number]): string => args[stepScript.args.indexOf(name)]!;
  return {
    claims: Number(valueOf('limit')),
    settles: valueOf('completed') !== '' || args.length > stepScript.args.length,
  };
}
