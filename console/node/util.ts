// The parts of Node's module `util` that the codecs use, in a browser. The build puts this file in its place.

const isA =
  (name: string) =>
  (value: unknown): boolean =>
    Object.prototype.toString.call(value) === `[object ${name}]`;

export const types = {
  isArrayBuffer: isA('ArrayBuffer'),
  isDataView: isA('DataView'),
  isDate: isA('Date'),
  isMap: isA('Map'),
  isNativeError: isA('Error'),
  isRegExp: isA('RegExp'),
  isSet: isA('Set'),
  isSharedArrayBuffer: isA('SharedArrayBuffer'),
  isUint8Array: (value: unknown): boolean => value instanceof Uint8Array,
};
