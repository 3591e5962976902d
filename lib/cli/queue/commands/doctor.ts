import type { Command } from 'commander';
import type { StorageFinding } from '../../../index.js';
import { EXIT } from '../../command-error.js';
import { table } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

const MARKS: Readonly<Record<StorageFinding['level'], string>> = {
  ok: 'ok',
  note: 'note',
  warning: 'WARNING',
  unknown: '?',
};

export function addDoctor(program: Command, run: RunCommand): void {
  program
    .command('doctor')
    .description(
      'examine the server: version, eviction, persistence, memory, rights; the exit code is 1 with a warning',
    )
    .action(() =>
      run(async ({ driver, out }) => {
        const findings = (await driver.examine?.()) ?? [];
        out.print({ server: driver.address, findings }, () => `${driver.address}\n\n${toTable(findings)}`);
        return findings.some(({ level }) => level === 'warning') ? EXIT.failure : EXIT.ok;
      }),
    );
}

function toTable(findings: readonly StorageFinding[]): string {
  return table(
    ['', '', ''],
    findings.map(({ subject, level, message }) => [MARKS[level], subject, message]),
    200,
  ).trimStart();
}
