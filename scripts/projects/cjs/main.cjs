const { Manager } = require('commonhold');
const { DictServiceDefinition } = require('commonhold/proto');
const { startServer } = require('commonhold/server');
const { pathToFileURL } = require('node:url');

async function main() {
  // There is one copy of each class, whichever way it was loaded.
  if ((await import('commonhold')).Manager !== Manager) throw new Error('require and import give different classes');
  if (DictServiceDefinition.fullName !== 'commonhold.v1.DictService') throw new Error('the contract is another one');
  await (await startServer({ listen: '127.0.0.1:0' })).close();
  const manager = await Manager.start();
  await manager.dict('scores').set('ada', 3);
  const pool = manager.pool(pathToFileURL(require.resolve('./square.cjs')), { processes: 1 });
  console.log(await manager.dict('scores').get('ada'), await pool.apply(3));
  await pool.terminate();
  await manager.close();
}

void main();
