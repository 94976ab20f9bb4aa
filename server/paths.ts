// Files that are read. This module stands one folder below the package's code, as the chunks of the
// bundle do, so that the relative path holds in both.

/** The contract's descriptors with their comments, as the build wrote them. */
export const DESCRIPTORS = new URL('../proto/descriptors.binpb', import.meta.url);
