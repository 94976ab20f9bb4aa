/** Version of this package; a test compares it with package.json. */
export const VERSION = '0.1.0';

/** Version of the session protocol. */
export const PROTOCOL = 1;
