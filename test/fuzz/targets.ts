/** A target of `make fuzz`. */
export interface ListedTarget {
  readonly name: string;
  readonly module: URL;
  /** Its part of the inputs of a run. A slow target has a small one. */
  readonly share: number;
}

const target = (name: string, share: number): ListedTarget => ({ name, share, module: new URL(`targets/${name}.js`, import.meta.url) });

export const TARGETS: readonly ListedTarget[] = [
  target('message', 0.65),
  target('state', 0.1),
  target('payload', 0.15),
  target('unary', 0.06),
  target('frame', 0.0245),
  target('reply', 0.01),
  target('record', 0.005),
  target('http2', 0.0003),
  target('tls', 0.0002),
];
