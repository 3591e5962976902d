import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';

/** The machine and the versions with which the figures were measured. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly redis: string;
  readonly ioredis: string;
  readonly bullmq: string;
  readonly bull: string;
  readonly beeQueue: string;
  readonly groupmq: string;
}

export function describeMachine(redis: string): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.versions.node,
    redis,
    ioredis: packageVersion('ioredis'),
    bullmq: packageVersion('bullmq'),
    bull: packageVersion('bull'),
    beeQueue: packageVersion('bee-queue'),
    groupmq: packageVersion('groupmq'),
  };
}

/** Reads the version of a package. Looks for package.json above the entry point, because not every package exports it. */
function packageVersion(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    try {
      const content = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (content.name === name && content.version) return content.version;
    } catch {
      // Not in this folder.
    }
    if (folder === dirname(folder)) return 'unknown';
    folder = dirname(folder);
  }
}
