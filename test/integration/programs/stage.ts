import { EndOfPipeError, type PipeReceiver, type PipeSender } from 'commonhold';

/** A message on its way. */
export interface Parcel {
  readonly number: number;
  readonly text: string;
  /** The stages that it has passed. */
  readonly stages: readonly string[];
}

/**
 * A stage of a pipeline: receives until the end of its pipe, sends the messages on, and then closes the next pipe. Returns their number.
 */
export default async function (
  stage: string,
  how: 'iterate' | 'receive',
  from: PipeReceiver<Parcel>,
  to: PipeSender<Parcel>,
): Promise<number> {
  // From now on both neighbours learn of its death.
  await Promise.all([from.open(), to.open()]);
  await using closing = to;
  let count = 0;
  for await (const parcel of how === 'iterate' ? from : received(from)) {
    count++;
    await closing.send({ ...parcel, stages: [...parcel.stages, stage] });
  }
  return count;
}

/** As `for await` does, message by message. */
async function* received(from: PipeReceiver<Parcel>): AsyncGenerator<Parcel, void, undefined> {
  for (;;) {
    let parcel: Parcel;
    try {
      parcel = await from.receive();
    } catch (error) {
      if (error instanceof EndOfPipeError) return;
      throw error;
    }
    yield parcel;
  }
}
