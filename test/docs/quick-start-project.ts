import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { builtPackage } from '../support/built-package.js';
import { type Doc, REPOSITORY } from './docs.js';

/** The folder of the project: git, the linter and jest ignore it, and Node finds every package but the library from it. */
const CACHE = join(REPOSITORY, 'node_modules/.cache');

/** The options of the compiler in a new Nest application, and those that make it strict. */
const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
  strict: true,
  isolatedModules: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  skipLibCheck: true,
  // The installed library has no declarations: its sources take their place.
  paths: { 'nestjs-job-queue': [join(REPOSITORY, 'lib/index.ts')] },
};

/** The application of the README, in a project of its own with the library installed in it. */
export interface QuickStart {
  readonly folder: string;
  /** The script that `npx queue-worker` starts. */
  readonly command: string;
  /** Compiles the application into `dist/`, and returns the errors of the compiler. */
  compile(): string[];
  /** Replaces a text in a compiled file. */
  replace(file: string, text: string, replacement: string): void;
  remove(): void;
}

/** Writes the files that stand under a heading of a document into a project. */
export async function createQuickStart(doc: Doc, heading: string, type: 'module' | 'commonjs'): Promise<QuickStart> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'quick-start-'));
  const installed = join(folder, 'node_modules/nestjs-job-queue');
  cpSync(await builtPackage(), installed, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'dist'));
  const blocks = doc.blocks.filter((block) => block.heading === heading && block.lang === 'ts');
  const paths = blocks.map(({ text }) => {
    const path = join(folder, 'src', /^\/\/ (\S+\.ts)\n/.exec(text)![1]!);
    writeFileSync(path, text);
    return path;
  });
  return {
    folder,
    command: join(installed, 'dist/cli/main.js'),
    compile: () => compile(paths, join(folder, 'dist')),
    replace(file, text, replacement) {
      const path = join(folder, 'dist', file);
      const before = readFileSync(path, 'utf8');
      if (!before.includes(text)) throw new Error(`${file} has no ${text}`);
      writeFileSync(path, before.replace(text, replacement));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function compile(paths: readonly string[], outDir: string): string[] {
  const program = ts.createProgram({ rootNames: paths, options: OPTIONS });
  for (const path of paths) {
    program.emit(program.getSourceFile(path), (name, text) => writeFileSync(join(outDir, basename(name)), text));
  }
  const sources = paths.map((path) => program.getSourceFile(path));
  return [
    ...program.getGlobalDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...sources.flatMap((source) => program.getSyntacticDiagnostics(source)),
    ...sources.flatMap((source) => program.getSemanticDiagnostics(source)),
  ].map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
