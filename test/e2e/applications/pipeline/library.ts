export type AssetKind = 'photo' | 'video' | 'sidecar';

export const ARTEFACTS = [
  'sidecar',
  'metadata',
  'path',
  'preview',
  'thumbnail',
  'smart',
  'faces',
  'video',
  'person',
] as const;

/** The result of a stage for an asset. */
export type Artefact = (typeof ARTEFACTS)[number];

/** The tables of the application: to write a row twice changes nothing. */
export abstract class Library {
  abstract kindOf(asset: string): Promise<AssetKind>;
  abstract write(asset: string, artefact: Artefact): Promise<void>;
  abstract has(asset: string, artefact: Artefact): Promise<boolean>;
  /** Notes a run of a job over all assets. */
  abstract note(run: string): Promise<void>;
  /** Reads the assets without a preview in pages, as a database does. */
  abstract assets(): AsyncIterable<string>;
}

/** The tables in memory. */
export class MemoryLibrary implements Library {
  readonly kinds = new Map<string, AssetKind>();
  readonly rows = new Map<string, Artefact[]>();
  readonly notes: string[] = [];
  /** The error that the writes of a stage throw, if any. */
  failure: (asset: string, artefact: Artefact) => Error | undefined = () => undefined;

  async kindOf(asset: string): Promise<AssetKind> {
    return this.kinds.get(asset) ?? 'photo';
  }

  async write(asset: string, artefact: Artefact): Promise<void> {
    const failure = this.failure(asset, artefact);
    if (failure) throw failure;
    const row = this.rows.get(asset) ?? [];
    if (!row.includes(artefact)) row.push(artefact);
    this.rows.set(asset, row);
  }

  async has(asset: string, artefact: Artefact): Promise<boolean> {
    return this.rows.get(asset)?.includes(artefact) === true;
  }

  async note(run: string): Promise<void> {
    this.notes.push(run);
  }

  async *assets(): AsyncIterable<string> {
    yield* this.kinds.keys();
  }
}
