/** A function that throws what it is given, be it an error or not. */
export function thrower(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}
