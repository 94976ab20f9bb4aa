// Certificates (RFC 5280), written byte by byte: Node.js reads them and makes none, and a test needs them of any age and any authority.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** A certificate and its key, in PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** Properties of a certificate. */
export interface Certificate {
  /** Host names and IPv4 addresses that it is for. Default: localhost and 127.0.0.1. */
  readonly hosts?: readonly string[];
  /** Days from now on for which it is valid; below 0 it has expired. Default: 1. */
  readonly days?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

// Types of DER (X.690).
const [BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID, UTF8_STRING, UTC_TIME, SEQUENCE, SET] = [1, 2, 3, 4, 6, 12, 23, 0x30, 0x31];

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const oid = (hex: string): Buffer => der(OID, Buffer.from(hex, 'hex'));
const ECDSA_WITH_SHA256 = der(SEQUENCE, oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const BASIC_CONSTRAINTS = oid('551d13');
const SUBJECT_ALT_NAME = oid('551d11');

const nameOf = (commonName: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(commonName)))));
const timeOf = (ms: number): Buffer => der(UTC_TIME, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
const pemOf = (bytes: Buffer): string => `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;

function altName(host: string): Buffer {
  return isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
}

/** An authority that certifies hosts and clients. */
export class Authority {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  /** Its own certificate, in PEM. */
  readonly cert: string;

  constructor(readonly name: string) {
    const isAuthority = der(
      SEQUENCE,
      BASIC_CONSTRAINTS,
      der(BOOLEAN, Buffer.of(0xff)),
      der(OCTET_STRING, der(SEQUENCE, der(BOOLEAN, Buffer.of(0xff)))),
    );
    this.cert = this.#sign(name, this.#keys.publicKey, isAuthority, 1);
  }

  certify({ hosts = ['localhost', '127.0.0.1'], days = 1 }: Certificate = {}): Certified {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const isForHosts = der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTET_STRING, der(SEQUENCE, ...hosts.map(altName))));
    const cert = this.#sign(hosts[0]!, publicKey, isForHosts, days);
    return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  #sign(subject: string, publicKey: KeyObject, extension: Buffer, days: number): string {
    const end = Date.now() + days * DAY_MS;
    const content = der(
      SEQUENCE,
      der(0xa0, der(INTEGER, Buffer.of(2))),
      der(INTEGER, Buffer.of(1), randomBytes(8)),
      ECDSA_WITH_SHA256,
      nameOf(this.name),
      der(SEQUENCE, timeOf(end - 2 * DAY_MS), timeOf(end)),
      nameOf(subject),
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, der(SEQUENCE, extension)),
    );
    const signature = sign('sha256', content, this.#keys.privateKey);
    return pemOf(der(SEQUENCE, content, ECDSA_WITH_SHA256, der(BIT_STRING, Buffer.of(0), signature)));
  }
}

/** Writes a certificate and its key to files in a folder. Returns the flags of `serve` that name them. */
export function tlsFlags(folder: { join(name: string): string }, { cert, key }: Certified): string[] {
  const files = [folder.join('cert.pem'), folder.join('key.pem')] as const;
  writeFileSync(files[0], cert);
  writeFileSync(files[1], key);
  return ['--tls-cert', files[0], '--tls-key', files[1]];
}
