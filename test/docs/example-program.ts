import { join } from 'node:path';
import ts from 'typescript';
import { REPOSITORY } from './docs.js';
import { EXAMPLES, type ExampleFile } from './examples.js';

/** A message of the compiler about an example, with its place in the document. */
export interface Finding {
  readonly place: string;
  readonly message: string;
}

/** Compiles the examples as one program. `nestjs-job-queue` is the library's source; the examples are not on the disk. */
export class ExampleProgram {
  private readonly files: ReadonlyMap<string, ExampleFile>;
  private readonly program: ts.Program;

  constructor(examples: readonly ExampleFile[]) {
    this.files = new Map(examples.map((file) => [join(EXAMPLES, file.name), file]));
    this.program = ts.createProgram({
      rootNames: [...this.files.keys()],
      options: readOptions(),
      host: this.createHost(readOptions()),
    });
  }

  /** Finds the errors in the examples. */
  diagnose(): Finding[] {
    const { program } = this;
    const found = [
      ...program.getGlobalDiagnostics(),
      ...program.getOptionsDiagnostics(),
      ...this.sources().flatMap((source) => program.getSyntacticDiagnostics(source)),
      ...this.sources().flatMap((source) => program.getSemanticDiagnostics(source)),
    ];
    return found.map(({ file, start, messageText }) => ({
      place: file ? this.placeOf(file, start ?? 0) : '',
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }));
  }

  /** Finds the names in the examples that have the type `any`, since the compiler does not check them. */
  findAny(): Finding[] {
    const checker = this.program.getTypeChecker();
    const found: Finding[] = [];
    for (const source of this.sources()) {
      const visit = (node: ts.Node): void => {
        // A name that is imported as a type only is no value, and so has no type of its own.
        if (ts.isImportDeclaration(node)) return;
        if (ts.isIdentifier(node) && checker.getTypeAtLocation(node).flags & ts.TypeFlags.Any) {
          found.push({ place: this.placeOf(source, node.getStart(source)), message: node.text });
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
    return found;
  }

  private sources(): ts.SourceFile[] {
    return [...this.files.keys()].map((path) => this.program.getSourceFile(path)!);
  }

  private placeOf(source: ts.SourceFile, position: number): string {
    const file = this.files.get(source.fileName);
    const { line } = source.getLineAndCharacterOfPosition(position);
    return file?.block ? `${file.block.file}:${file.block.line + line}` : `${source.fileName}:${line + 1}`;
  }

  private createHost(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options);
    const textOf = (path: string): string | undefined => this.files.get(path)?.text;
    return {
      ...host,
      fileExists: (path) => textOf(path) !== undefined || host.fileExists(path),
      readFile: (path) => textOf(path) ?? host.readFile(path),
      getSourceFile: (path, languageVersion, ...rest) => {
        const text = textOf(path);
        return text === undefined
          ? host.getSourceFile(path, languageVersion, ...rest)
          : ts.createSourceFile(path, text, languageVersion, true);
      },
    };
  }
}

/** Reads the options of this project's compiler; examples may declare names that they do not use. */
function readOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, REPOSITORY);
  return { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
}
