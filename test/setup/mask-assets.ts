/**
 * Asset hashes change with every character of what they are made of, and say nothing in a review: snapshots show
 * them masked.
 */
const HASH = /[0-9a-f]{64}/g;

expect.addSnapshotSerializer({
  test: (value) => typeof value === 'string' && value.search(HASH) >= 0,
  serialize: (value, config, indentation, depth, references, printer) =>
    printer((value as string).replace(HASH, '[asset]'), config, indentation, depth, references),
});
