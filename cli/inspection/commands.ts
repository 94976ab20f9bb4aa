import { Option, type Command } from 'commander';
import { KINDS } from '../../proto/gen/commonhold/v1/services_wire.js';
import { lazily, number, wholeNumber } from '../flags.js';

/** Adds the commands that look at a manager that runs. Their code is loaded when one of them runs. */
export function addInspection(program: Command): void {
  const kinds = Object.keys(KINDS);

  inspecting(program, 'ls')
    .description('list objects')
    .argument('[pattern]', 'only names that match it; * matches any characters')
    .addOption(new Option('--kind <kind>', 'only objects of this kind').choices(kinds))
    .action(lazily(() => import('./objects.js'), 'ls'));
  inspecting(program, 'get')
    .description('show the value of a key or an index, or the contents of an object')
    .argument('<name>')
    .argument('[key]')
    .option('--json-key', 'the key is JSON: a number, true, false, or a text in quotes')
    .option('--limit <entries>', 'most entries of a whole object (default: 100)', wholeNumber)
    .option('--prefix <text>', 'only keys of a dict that begin with it')
    .action(lazily(() => import('./objects.js'), 'get'));
  inspecting(program, 'set')
    .description('store a value: JSON, or else a text')
    .argument('<name>')
    .argument('<key>', 'key of a dict or namespace, index of a list or array; for a value, the value itself')
    .argument('[value]')
    .option('--text', 'the value is a text, also if it is JSON')
    .option('--json-key', 'the key is JSON: a number, true, false, or a text in quotes')
    .option('--ttl <ms>', 'time to live of a key of a dict', number)
    .addOption(new Option('--kind <kind>', 'make the object if it is not there').choices(['dict', 'namespace', 'value']))
    .action(lazily(() => import('./objects.js'), 'set'));
  inspecting(program, 'del')
    .description('delete keys of a dict, namespace or set; without keys, destroy the object')
    .argument('<name>')
    .argument('[keys...]')
    .option('--json-key', 'the keys are JSON: numbers, true, false, or texts in quotes')
    .action(lazily(() => import('./objects.js'), 'del'));
  inspecting(program, 'watch')
    .description('show the changes of a dict, list, queue, event or value as they come')
    .argument('<name>')
    .option('--count <changes>', 'end after as many changes', wholeNumber)
    .action(lazily(() => import('./watch.js'), 'watch'));
  inspecting(program, 'locks')
    .description('show who holds locks and permits, who waits for them, and who waits in a circle')
    .action(lazily(() => import('./locks.js'), 'locks'));
  inspecting(program, 'sessions')
    .description('list the sessions of all clients')
    .action(lazily(() => import('./locks.js'), 'sessions'));
  inspecting(program, 'slow')
    .description('list the last calls that kept the manager busy for long, latest first')
    .action(lazily(() => import('./slow.js'), 'slow'));
  inspecting(program, 'top')
    .description('show rates, limits and the largest objects, again and again')
    .option('--every <ms>', 'time between two looks', number, 1_000)
    .option('--count <looks>', 'end after as many looks', wholeNumber)
    .addOption(new Option('--by <measure>', 'order of the objects').choices(['bytes', 'size', 'waiters', 'held']).default('bytes'))
    .action(lazily(() => import('./top.js'), 'top'));
  inspecting(program, 'bench')
    .description('measure calls of dicts, queues and locks: of the manager of --address, or else of one that is started for it')
    .option('--seconds <number>', 'time of each of the 8 measurements', number, 1)
    .option('--clients <number>', 'sessions that make calls at once', wholeNumber, 1)
    .option('--pipeline <calls>', 'calls of each client that are under way at once where they are pipelined', wholeNumber, 256)
    .option('--size <characters>', 'length of the text that is stored', wholeNumber, 100)
    .action(lazily(() => import('../bench/run-bench.js'), 'runBench'));
  addQueue(program.command('queue').description('look at a queue, and work on its items'));
}

function addQueue(queue: Command): void {
  const state = new Option('--state <state>', 'which items').choices(['waiting', 'delayed', 'delivered']).default('waiting');
  inspecting(queue, 'peek')
    .description('show items, and remove none')
    .argument('<name>')
    .option('--count <items>', 'most items', wholeNumber, 20)
    .addOption(state)
    .action(lazily(() => import('./queue.js'), 'peek'));
  inspecting(queue, 'put')
    .description('put an item: JSON, or else a text')
    .argument('<name>')
    .argument('<value>')
    .option('--text', 'the value is a text, also if it is JSON')
    .option('--priority <number>', 'its priority, in a queue with priorities', number)
    .option('--delay <ms>', 'time until it can be taken', number)
    .option('--id <id>', 'not put while the queue holds an item with this id')
    .option('--head', 'put it before all others')
    .action(lazily(() => import('./queue.js'), 'put'));
  inspecting(queue, 'get')
    .description('take the first item, for good')
    .argument('<name>')
    .option('--timeout <ms>', 'time to wait for one', number, 0)
    .action(lazily(() => import('./queue.js'), 'take'));
  inspecting(queue, 'dead')
    .description('show the dead letters in a queue for them: reason, attempts, times')
    .argument('<name>')
    .option('--count <items>', 'most letters', wholeNumber, 20)
    .action(lazily(() => import('./queue.js'), 'dead'));
  inspecting(queue, 'requeue')
    .description('send dead letters back to the queues that they came from')
    .argument('<name>', 'queue of the dead letters')
    .argument('[ids...]', 'only letters that had these ids')
    .action(lazily(() => import('./queue.js'), 'requeue'));
  inspecting(queue, 'drop')
    .description('remove items that wait or are delayed')
    .argument('<name>')
    .argument('[ids...]')
    .option('--all', 'all of them')
    .action(lazily(() => import('./queue.js'), 'drop'));
}

function inspecting(parent: Command, name: string): Command {
  return parent
    .command(name)
    .option('-a, --address <address>', 'HOST:PORT or unix:PATH of the manager (default: COMMONHOLD_ADDRESS, or the socket of the user)')
    .option('--token-file <file>', 'file with the token of the manager (or COMMONHOLD_TOKEN, COMMONHOLD_TOKEN_FILE)')
    .option('--tls-ca <file>', 'authorities in PEM that the certificate of the manager comes from (or COMMONHOLD_TLS_CA)')
    .option('--json', 'write lines of JSON');
}
