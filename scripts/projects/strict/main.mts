import { execFileSync } from 'node:child_process';
import { Manager, receive, share, type Handle, type RemoteObject, type SharedDict } from 'commonhold';
import { DictServiceDefinition } from 'commonhold/proto';
import { startServer, type ManagerServer } from 'commonhold/server';

const server: ManagerServer = await startServer({ listen: '127.0.0.1:0' });
await server.close();
await using manager: Manager = await Manager.start();
await manager.dict<string, number>('scores').set('alice', 3);
await using embedded: Manager = await Manager.embed();
const points: number = receive(share({ points: 3 })).points;
await embedded.value('points', points).create();
interface Game {
  scores(): Handle<SharedDict<string, number>>;
}
const scoresOf = (game: RemoteObject<Game>): Promise<SharedDict<string, number>> => game.scores();
void scoresOf;
// Reflection names the services to clients in other languages.
const socket = manager.address.replace(/^unix:/, '');
const curl = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--unix-socket', socket, '--list-services', 'http://localhost'];
const services = execFileSync(process.env['BUF']!, curl, { encoding: 'utf8' });
if (!services.includes(DictServiceDefinition.fullName)) throw new Error('reflection does not work: ' + services);
console.log(await embedded.value('points', 0).get(), 9);
