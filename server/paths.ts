// Files to read at run time. This module is one folder below the package's code, as the chunks of the bundle are, so that the relative path
// is right in both.

/** Descriptors of the contract with their comments, written by the build. */
export const DESCRIPTORS = new URL('../proto/descriptors.binpb', import.meta.url);

/** The folder of the console's files, written by the build. */
export const CONSOLE = new URL('../console/', import.meta.url);

/** The thread that writes the log of a manager. */
export const logWriterFile = (): URL => new URL('../server/log/segments/writer-entry.js', import.meta.url);

/** The thread that writes snapshots. */
export const snapshotFile = (): URL => new URL('../server/log/snapshot-entry.js', import.meta.url);
