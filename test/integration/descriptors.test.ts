import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { create, createFileRegistry, fromBinary, toBinary, type DescMessage, type Message } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, type FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AnyMessage, InvalidArgumentError, Manager } from 'commonhold';
import { ServerReflectionRequestSchema, ServerReflectionResponseSchema } from '../../proto/gen/grpc/reflection/v1/reflection_pb.js';
import { messageSchema } from '../../proto/index.js';
import { buf, bufCurl } from '../support/buf.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { unaryCall } from '../support/grpc.js';

// Messages of a user in a daemon that was given their descriptors, inspected by `buf curl`, which knows of them only by reflection.
const PROTOS = fileURLToPath(new URL('../../../test/support/protos', import.meta.url));
const USER = 'type.googleapis.com/acme.v1.User';

const directory = new Temporary();
const descriptors = directory.join('acme.binpb');
let UserSchema: DescMessage;

beforeAll(async () => {
  const built = await buf('build', PROTOS, '--as-file-descriptor-set', '-o', descriptors);
  expect(built).toMatchObject({ code: 0 });
  UserSchema = createFileRegistry(await read()).getMessage('acme.v1.User')!;
});

afterAll(() => directory[Symbol.dispose]());

async function read(): Promise<FileDescriptorSet> {
  return fromBinary(FileDescriptorSetSchema, await readFile(descriptors));
}

/** Writes a changed copy of the descriptors. */
async function changed(name: string, change: (set: FileDescriptorSet) => void): Promise<string> {
  const set = await read();
  change(set);
  const path = directory.join(name);
  await writeFile(path, toBinary(FileDescriptorSetSchema, set));
  return path;
}

async function curl(flags: readonly string[], url: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await bufCurl(flags, url);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const shown = {
  '@type': USER,
  name: 'Ada',
  points: '7',
  address: { city: 'London', lines: ['12 St James'] },
  seen: '2001-09-09T01:46:40Z',
};
const given = { name: 'Ada', points: 7n, address: { city: 'London', lines: ['12 St James'] }, seen: { seconds: 1_000_000_000n } };

describe('a daemon with descriptors of messages', () => {
  it('shows messages that the SDK stored as JSON, and takes them as JSON', async () => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--descriptors', descriptors]);
    await using manager = await Manager.connect(daemon.address);
    const users = manager.dict<string, Message>('users', { schema: messageSchema(UserSchema) });
    const ada = create(UserSchema, given);
    await users.set('ada', ada);
    const url = `http://${daemon.address}/commonhold.v1.DictService`;
    expect(await curl(['-d', '{"name":"users","key":{"text":"ada"}}'], `${url}/Get`)).toEqual({ value: { message: shown } });

    const request = { name: 'users', key: { text: 'bob' }, value: { message: { ...shown, name: 'Bob' } } };
    expect(await curl(['-d', JSON.stringify(request)], `${url}/Set`)).toEqual({});
    expect(await users.get('bob')).toEqual(create(UserSchema, { ...given, name: 'Bob' }));
    // Without a schema it is read as an AnyMessage.
    expect(await manager.dict('users').get('ada')).toEqual(new AnyMessage(USER, toBinary(UserSchema, ada)));
  });

  it('describes itself and them by name of file, each with all its imports', async () => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--descriptors', descriptors]);
    const described = async (name: string): Promise<string[]> => {
      const request = create(ServerReflectionRequestSchema, { messageRequest: { case: 'fileByFilename', value: name } });
      const asked = Buffer.from(toBinary(ServerReflectionRequestSchema, request));
      const { response } = await unaryCall(daemon.address, 'grpc.reflection.v1.ServerReflection/ServerReflectionInfo', asked);
      const { messageResponse } = fromBinary(ServerReflectionResponseSchema, response!);
      if (messageResponse.case !== 'fileDescriptorResponse') throw new Error(`answered by ${messageResponse.case}`);
      return messageResponse.value.fileDescriptorProto.map((file) => fromBinary(FileDescriptorProtoSchema, file).name).sort();
    };
    expect(await described('acme/v1/user.proto')).toEqual([
      'acme/v1/address.proto',
      'acme/v1/user.proto',
      'google/protobuf/timestamp.proto',
    ]);
    expect(await described('commonhold/v1/dict.proto')).toContain('commonhold/v1/payload.proto');
  });

  it('may be started by a program, and several files may have the same descriptors', async () => {
    const again = await changed('again.binpb', (set) => {
      for (const file of set.file) delete file.sourceCodeInfo;
    });
    await using manager = await Manager.start({ descriptors: [descriptors, again] });
    const queue = manager.queue<Message>('queue', { schema: messageSchema(UserSchema) });
    await queue.put(create(UserSchema, given));
    const socket = ['--unix-socket', manager.address.replace(/^unix:/, '')];
    const peeked = await curl([...socket, '-d', '{"name":"queue","count":1}'], 'http://localhost/commonhold.v1.QueueService/Peek');
    expect(peeked).toEqual({ values: [{ message: shown }] });
  });
});

describe('a daemon does not start', () => {
  async function refusal(...files: string[]): Promise<string> {
    const flags = files.flatMap((file) => ['--descriptors', file]);
    const { code, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', ...flags]);
    expect(code).toBe(1);
    return stderr;
  }

  it('with a file that is missing, empty or invalid', async () => {
    expect(await refusal(directory.join('absent.binpb'))).toContain('absent.binpb');
    const empty = directory.join('empty.binpb');
    await writeFile(empty, '');
    expect(await refusal(empty)).toContain('holds no descriptors');
    const broken = directory.join('broken.binpb');
    await writeFile(broken, (await readFile(descriptors)).subarray(0, -7));
    expect(await refusal(broken)).toContain('broken.binpb');
    expect(await refusal(fileURLToPath(import.meta.url))).toContain('descriptors.test.js');
  });

  it('with descriptors that lack an import', async () => {
    const partial = await changed('partial.binpb', (set) => {
      set.file = set.file.filter(({ name }) => name !== 'acme/v1/address.proto');
    });
    const said = await refusal(partial);
    for (const part of ['partial.binpb', 'acme/v1/address.proto', 'acme/v1/user.proto', '--include_imports']) expect(said).toContain(part);
  });

  it('with descriptors that contradict each other', async () => {
    const other = await changed('other.binpb', (set) => {
      set.file.find(({ name }) => name === 'acme/v1/address.proto')!.messageType[0]!.field.pop();
    });
    expect(await refusal(descriptors, other)).toContain('acme/v1/address.proto');
    const moved = await changed('moved.binpb', (set) => {
      set.file = set.file.filter(({ name }) => name === 'acme/v1/address.proto');
      set.file[0]!.name = 'elsewhere.proto';
    });
    expect(await refusal(descriptors, moved)).toContain('acme.v1.Address is defined twice');
  });

  it('with types that do not exist', async () => {
    const dangling = await changed('dangling.binpb', (set) => {
      set.file.find(({ name }) => name === 'acme/v1/user.proto')!.messageType[0]!.field[2]!.typeName = '.acme.v1.Nothing';
    });
    expect(await refusal(dangling)).toContain('Nothing');
  });

  it('for a program, which is told the reason', async () => {
    await expect(Manager.start({ descriptors: directory.join('absent.binpb') })).rejects.toBeInstanceOf(InvalidArgumentError);
  });
});
