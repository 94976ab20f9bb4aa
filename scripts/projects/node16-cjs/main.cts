import type { SharedDict } from 'commonhold' with { 'resolution-mode': 'import' };

async function main(): Promise<void> {
  const { Manager } = await import('commonhold');
  await using manager = await Manager.start();
  const scores: SharedDict<string, number> = manager.dict('scores');
  await scores.set('ada', 3);
  console.log(await scores.get('ada'), 9);
}

void main();
