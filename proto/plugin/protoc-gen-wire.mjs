#!/usr/bin/env node
// A buf plugin: for every .proto of the contract, generates the lean messages and codecs that the session stream and the engines use
// (`*_wire.ts`). They have the same wire format as the messages of protoc-gen-es, but are plain objects without reflection: a Payload stays
// bytes, a Key becomes a JavaScript value, and decoding allocates only the message. The measurements are in
// docs/decisions/0003-lean-codecs.md.
import { ScalarType, hasOption, getOption } from '@bufbuild/protobuf';
import { createEcmaScriptPlugin, runNodeJs } from '@bufbuild/protoplugin';

const PACKAGE = 'commonhold.v1';
/** The records of a manager's log. They have no services and no users' values. */
const LOG_PACKAGE = 'commonhold.log.v1';
const PAYLOAD = `${PACKAGE}.Payload`;
const KEY = `${PACKAGE}.Key`;
// Written by hand in proto/codec, because they represent JavaScript values.
const BY_HAND = new Set([PAYLOAD, KEY, `${PACKAGE}.Reference`]);

const SCALARS = {
  [ScalarType.STRING]: { type: 'string', zero: "''", io: 'string', wire: 2 },
  [ScalarType.BYTES]: { type: 'Uint8Array', zero: 'EMPTY', io: 'bytes', wire: 2 },
  [ScalarType.BOOL]: { type: 'boolean', zero: 'false', io: 'bool', wire: 0 },
  [ScalarType.UINT32]: { type: 'number', zero: '0', io: 'uint32', wire: 0 },
  [ScalarType.INT32]: { type: 'number', zero: '0', io: 'int32', wire: 0 },
  [ScalarType.UINT64]: { type: 'number', zero: '0', io: 'uint64', wire: 0 },
  [ScalarType.DOUBLE]: { type: 'number', zero: '0', io: 'double', wire: 1 },
};
/** Bits of the verbs of options.proto, as proto/verbs.ts has them. */
const VERB_BITS = { 1: 1, 2: 2, 3: 4, 4: 0 };
const [READ, WRITE] = [1, 2];
/** Default error code of a wait whose timeout ended. */
const TIMEOUT = 8;
const ENUM = { type: 'number', zero: '0', io: 'uint32', wire: 0 };

/** Returns the type of a field's element, and how it is written and read. */
function element(field) {
  const message = field.message ?? (field.fieldKind === 'list' ? field.message : undefined);
  if (message) {
    if (message.typeName === PAYLOAD) return { type: 'Payload', io: 'payload', wire: 2 };
    if (message.typeName === KEY) return { type: 'Key', io: 'key', wire: 2 };
    return { type: message.name, message, wire: 2 };
  }
  if (field.enum) return ENUM;
  const scalar = SCALARS[field.scalar];
  if (!scalar) throw new Error(`${field}: this scalar type has no lean form; add it to the plugin`);
  return scalar;
}

/** Message fields without the word `optional` are required; scalars without it have a zero value. */
function presence(field) {
  if (field.fieldKind === 'list' || field.fieldKind === 'map') return 'repeated';
  if (field.oneof !== undefined || field.proto.proto3Optional) return 'optional';
  return field.fieldKind === 'message' ? 'required' : 'implicit';
}

function tag(field, wire) {
  return (field.number << 3) | wire;
}

function writeElement(name, el, number) {
  const t = (number << 3) | el.wire;
  if (el.message) return `const at${number} = w.open(${t}); ${el.message.name}.write(w, ${name}); w.close(at${number});`;
  return `w.${el.io}(${t}, ${name});`;
}

const readElement = (el) => (el.message ? `${el.message.name}.read(r, r.limit())` : `r.${el.io}()`);

function messageSource(f, message, importOf) {
  const fields = message.fields.map((field) => {
    const kind = presence(field);
    if (field.fieldKind === 'map') return { field, kind, name: field.localName, map: true };
    return { field, kind, name: field.localName, el: element(field) };
  });
  const lean = message.name;
  for (const { el } of fields) if (el?.message) importOf(el.message);

  f.print(f.jsDoc(message));
  f.print(`export interface ${lean} {`);
  for (const { field, kind, name, el, map } of fields) {
    f.print(f.jsDoc(field, '  '));
    if (map) f.print(`  ${name}: Record<string, string>;`);
    else if (kind === 'repeated') f.print(`  ${name}: ${el.type}[];`);
    else if (kind === 'optional') f.print(`  ${name}?: ${el.type} | undefined;`);
    else f.print(`  ${name}: ${el.type};`);
  }
  f.print('}');
  f.print(`export const ${lean}: Codec<${lean}> = {`);
  f.print(`  typeName: '${message.typeName}',`);
  f.print(`  write(${fields.length ? 'w, m' : ''}) {`);
  for (const { field, kind, name, el, map } of fields) {
    if (map) {
      f.print(`    for (const key in m.${name}) {`);
      f.print(`      const at = w.open(${tag(field, 2)}); w.string(10, key); w.string(18, m.${name}[key]!); w.close(at);`);
      f.print('    }');
    } else if (kind === 'repeated' && el.wire !== 2) {
      f.print(
        `    if (m.${name}.length > 0) { const at = w.open(${tag(field, 2)}); for (const item of m.${name}) w.packed${el.io}(item); w.close(at); }`,
      );
    } else if (kind === 'repeated') {
      f.print(`    for (const item of m.${name}) { ${writeElement('item', el, field.number)} }`);
    } else if (kind === 'optional') {
      f.print(`    if (m.${name} !== undefined) { ${writeElement(`m.${name}`, el, field.number)} }`);
    } else if (kind === 'required') {
      f.print(`    ${writeElement(`m.${name}`, el, field.number)}`);
    } else if (el.zero === 'EMPTY') {
      f.print(`    if (m.${name}.length > 0) ${writeElement(`m.${name}`, el, field.number)}`);
    } else {
      f.print(`    if (m.${name} !== ${el.zero}) ${writeElement(`m.${name}`, el, field.number)}`);
    }
  }
  f.print('  },');
  f.print(`  read(r, end) {`);
  for (const { kind, name, el, map } of fields) {
    if (map) f.print(`    const ${name}_: Record<string, string> = {};`);
    else if (kind === 'repeated') f.print(`    const ${name}_: ${el.type}[] = [];`);
    else if (kind === 'implicit') f.print(`    let ${name}_: ${el.type} = ${el.zero};`);
    else f.print(`    let ${name}_: ${el.type} | undefined;`);
  }
  f.print('    while (r.position < end) {');
  f.print('      const tag = r.tag();');
  f.print('      switch (tag) {');
  for (const { field, kind, name, el, map } of fields) {
    if (map) {
      f.print(`        case ${tag(field, 2)}: r.stringEntry(${name}_); break;`);
    } else if (kind === 'repeated' && el.wire !== 2) {
      f.print(`        case ${tag(field, el.wire)}: ${name}_.push(r.${el.io}()); break;`);
      f.print(`        case ${tag(field, 2)}: for (const stop = r.limit(); r.position < stop; ) ${name}_.push(r.${el.io}()); break;`);
    } else if (kind === 'repeated') {
      f.print(`        case ${tag(field, 2)}: ${name}_.push(${readElement(el)}); break;`);
    } else {
      const read = name === 'name' && el.io === 'string' ? 'r.name()' : readElement(el);
      f.print(`        case ${tag(field, el.wire)}: ${name}_ = ${read}; break;`);
    }
  }
  f.print('        default: r.skip(tag);');
  f.print('      }');
  f.print('    }');
  f.print('    r.finish(end);');
  for (const { kind, name } of fields) {
    if (kind === 'required') f.print(`    if (${name}_ === undefined) throw missingField('${message.name}', '${name}');`);
  }
  f.print(`    return { ${fields.map(({ name }) => `${name}: ${name}_`).join(', ')} };`);
  f.print('  },');
  payloadsSource(f, message, fields);
  f.print('};');
  f.print();
}

/** Returns true if a message contains users' values. Visits a message type that contains itself once. */
function carries(message, seen = new Set()) {
  if (seen.has(message) || message.file.proto.package !== PACKAGE || BY_HAND.has(message.typeName)) return false;
  seen.add(message);
  return message.fields.some((field) => field.message && (field.message.typeName === PAYLOAD || carries(field.message, seen)));
}

function payloadsSource(f, message, fields) {
  if (!carries(message)) return;
  f.print('  payloads(m, visit) {');
  for (const { kind, name, el } of fields) {
    if (el === undefined || (el.type !== 'Payload' && !(el.message && carries(el.message)))) continue;
    const visit = (value) => (el.type === 'Payload' ? `visit(${value});` : `${el.type}.payloads!(${value}, visit);`);
    if (kind === 'repeated') f.print(`    for (const item of m.${name}) ${visit('item')}`);
    else if (kind === 'optional') f.print(`    if (m.${name} !== undefined) ${visit(`m.${name}`)}`);
    else f.print(`    ${visit(`m.${name}`)}`);
  }
  f.print('  },');
}

/** Returns the verbs that a method needs on the objects in its request, as bits. @param given by the contract; false if there are none */
function verbsOf(method, given) {
  if (given) return given.reduce((bits, verb) => bits | VERB_BITS[verb], 0);
  if (!method.input.fields.some(({ name }) => name === 'name')) {
    throw new Error(`${method}: its request names no object, so give it the option (commonhold.v1.verbs)`);
  }
  if (method.idempotency === 1) return READ;
  return carries(method.output) ? READ | WRITE : WRITE;
}

function serviceSource(f, service, options) {
  f.print(f.jsDoc(service));
  f.print(`export const ${service.name} = {`);
  f.print(`  typeName: '${service.typeName}',`);
  f.print('  methods: {');
  for (const method of service.methods) {
    if (method.methodKind !== 'unary') continue;
    const flag = (name) => {
      const extension = options.extensions.find((e) => e.name === name);
      return hasOption(method, extension) && getOption(method, extension);
    };
    const idempotency = ['unknown', 'read', 'idempotent'][method.idempotency ?? 0];
    f.print(f.jsDoc(method, '    '));
    f.print(`    ${method.localName}: defineMethod({`);
    f.print(
      `      name: '${service.typeName}/${method.name}', service: '${service.typeName}', input: ${method.input.name}, output: ${method.output.name},`,
    );
    f.print(
      `      idempotency: '${idempotency}', blocking: ${flag('blocking')}, takes: ${flag('takes')}, consumes: ${flag('consumes')}, stores: ${flag('stores')}, holds: ${flag('holds')}, fenced: ${method.input.fields.some(({ name }) => name === 'fence')}, timedOut: ${flag('timed_out') || TIMEOUT}, verbs: ${verbsOf(method, flag('verbs'))},`,
    );
    f.print('    }),');
  }
  f.print('  },');
  f.print('} as const;');
  f.print();
}

/** Generates the tables of the contract: its services, the services that are kinds of objects, and the exports of proto/index.ts. */
function tableSources(schema) {
  const files = schema.files.filter((file) => file.proto.package === PACKAGE).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (files.length === 0) return; // buf runs the plugin once for each folder of .proto files
  const services = files.flatMap((file) => file.services);
  const local = ({ file }, suffix) => `./${file.name.split('/').at(-1)}_${suffix}.js`;
  const keyOf = (service) => service.name.slice(0, -'Service'.length).toLowerCase();

  const wire = schema.generateFile('commonhold/v1/services_wire.ts');
  const inSessions = services.filter((service) => service.methods.some((method) => method.methodKind === 'unary'));
  const kinds = inSessions.filter((service) => service.methods.some((method) => method.name === 'Open'));
  for (const service of inSessions) wire.print(`import { ${service.name} } from '${local(service, 'wire')}';`);
  wire.print('\n/** All services whose calls travel in a session. */');
  wire.print(`export const services = [${inSessions.map(({ name }) => name).join(', ')}] as const;`);
  wire.print('\n/** The kinds of objects, each with its service: those that have an `Open`. */');
  wire.print(`export const KINDS = { ${kinds.map((service) => `${keyOf(service)}: ${service.name}`).join(', ')} } as const;`);
  wire.print('\n/** Kind of a shared object. */\nexport type Kind = keyof typeof KINDS;');

  const index = schema.generateFile('commonhold/v1/index_pb.ts');
  index.print("import { definitionOf } from '../../../definitions.js';");
  for (const service of services) index.print(`import { ${service.name} } from '${local(service, 'pb')}';`);
  for (const file of files) index.print(`export * from '${local({ file }, 'pb')}';`);
  for (const { name } of services) index.print(`export const ${name}Definition = definitionOf(${name});`);
}

function generateTs(schema) {
  tableSources(schema);
  const options = schema.allFiles.find((file) => file.name === 'commonhold/v1/options');
  for (const file of schema.files) {
    if (![PACKAGE, LOG_PACKAGE].includes(file.proto.package) || file === options) continue;
    const messages = file.messages.filter((message) => !BY_HAND.has(message.typeName));
    if (messages.length === 0) continue;
    const f = schema.generateFile(`${file.name}_wire.ts`);
    const foreign = new Map();
    const importOf = (message) => {
      if (message.file !== file) foreign.set(message.name, `./${message.file.name.split('/').at(-1)}_wire.js`);
    };
    for (const message of messages)
      for (const field of message.fields)
        if (field.message && !BY_HAND.has(field.message.typeName) && field.fieldKind !== 'map') importOf(field.message);
    f.preamble(file);
    const wire = `${'../'.repeat(file.name.split('/').length)}wire`;
    f.print(`import { EMPTY, defineMethod, missingField, type Codec } from '${wire}/codec.js';`);
    f.print(`import type { Key, Payload } from '${wire}/values.js';`);
    for (const [name, from] of foreign) f.print(`import { ${name} } from '${from}';`);
    f.print('void [EMPTY, defineMethod, missingField];');
    f.print('export type { Key, Payload };');
    f.print();
    for (const message of messages) messageSource(f, message, importOf);
    for (const service of file.services) serviceSource(f, service, options);
  }
}

runNodeJs(createEcmaScriptPlugin({ name: 'protoc-gen-wire', version: 'v1', generateTs }));
