/** Makes a function that throws this value, whether it is an error or not. */
export function thrower(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}
