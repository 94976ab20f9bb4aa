import { createPrivateKey, X509Certificate } from 'node:crypto';
import { InvalidArgumentError } from './errors.js';

/** Certificates and keys, in PEM. */
interface Certificates {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Checks that TLS can use them: authorities that cannot be read would be ignored.
 * @param origin the place that they come from, for the error
 * @throws InvalidArgumentError
 */
export function assertUsable({ ca, cert, key }: Certificates, origin: string): void {
  if ((cert === undefined) !== (key === undefined)) throw new InvalidArgumentError(`${origin}: give a certificate and its key, or neither`);
  let belongs = true;
  try {
    if (ca !== undefined) new X509Certificate(ca);
    if (cert !== undefined) belongs = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key!));
  } catch (cause) {
    throw new InvalidArgumentError(`${origin}: give certificates and keys in PEM (${(cause as Error).message})`, { cause });
  }
  if (!belongs) throw new InvalidArgumentError(`${origin}: the key is of another certificate`);
}
