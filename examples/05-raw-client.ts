// The contract without the SDK: a typed client from the definitions that the package exports.
import { Manager } from 'commonhold';
import { DictServiceDefinition, ManagerServiceDefinition } from 'commonhold/proto';
import { createChannel, createClientFactory, Metadata } from 'nice-grpc';

await using manager = await Manager.start();

// nice-grpc expects unix:///path, while the manager returns unix:/path.
const channel = createChannel(manager.address.replace(/^unix:(?!\/\/)/, 'unix://'));

// A manager with a token requires it in each call.
const metadata = Metadata();
if (manager.token !== undefined) metadata.set('authorization', `Bearer ${manager.token}`);

const clients = createClientFactory();
const dict = clients.create(DictServiceDefinition, channel, { '*': { metadata } });
const info = clients.create(ManagerServiceDefinition, channel, { '*': { metadata } });

// Keys and values are oneofs, which carry their type.
await dict.set({
  name: 'scores',
  key: { kind: { case: 'text', value: 'alice' } },
  value: { kind: { case: 'number', value: 3 } },
});
await dict.add({
  name: 'scores',
  key: { kind: { case: 'text', value: 'alice' } },
  delta: { kind: { case: 'number', value: 4 } },
});

const { value } = await dict.get({ name: 'scores', key: { kind: { case: 'text', value: 'alice' } } });
console.log('raw client:', value?.kind);

const { object } = await info.describe({ name: 'scores' });
console.log('manager:', object?.kind, object?.name, object?.size);

// The SDK sees the same dict.
console.log('SDK:', await manager.dict<string, number>('scores').toMap());

channel.close();
