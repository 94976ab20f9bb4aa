// The parts of Node's module `buffer` that the codecs use, in a browser. The build puts this file in its place.
import { Buffer } from 'buffer/';

export { Buffer };

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
