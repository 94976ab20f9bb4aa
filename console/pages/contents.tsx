import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { CONTENTS, type StoredPart, type KindContents } from '../manager/contents.js';
import { usePoll } from '../manager/poll.js';
import { Dialog, ErrorNote } from '../parts/dialog.js';
import { Pager, usePages } from '../parts/pager.js';
import { Table, type Column } from '../parts/table.js';
import { payloadOf } from '../values/payload.js';
import { ValueLine, ValueText } from '../values/value.js';
import { writtenText } from '../values/written.js';

/** The contents of an object, page by page. */
export function Contents({ name, kind }: { name: string; kind: string }): JSX.Element | null {
  const contents = CONTENTS[kind];
  return contents === undefined ? null : <ContentsTable name={name} contents={contents} />;
}

function ContentsTable({ name, contents }: { name: string; contents: KindContents }): JSX.Element {
  const [prefix, setPrefix] = useState('');
  const [opened, setOpened] = useState<StoredPart>();
  const [adds, setAdds] = useState(false);
  const pages = usePages([prefix]);
  const page = usePoll((abort) => contents.page(name, pages.token, prefix, abort), [pages.token, prefix]);
  const columns: Column<StoredPart>[] = [];
  const open = (content: StoredPart, label: JSX.Element | string): JSX.Element => (
    <button type="button" class="link" onClick={() => setOpened(content)}>
      {label}
    </button>
  );
  if (contents.keys !== undefined) {
    columns.push({ title: contents.keys, cell: (content) => open(content, keyText(content.key)), isNumber: contents.keys === 'Index' });
    columns.push({ title: 'Value', wide: true, cell: ({ value }) => <ValueLine value={value} /> });
  } else {
    columns.push({ title: 'Value', wide: true, cell: (content) => open(content, <ValueLine value={content.value} />) });
  }
  const closed = (): void => {
    setOpened(undefined);
    setAdds(false);
    page.again();
  };
  return (
    <section class="card">
      <div class="bar">
        <h2>Contents</h2>
        {contents.hasPrefix === true && (
          <input
            type="search"
            value={prefix}
            placeholder="Keys that begin with …"
            aria-label="Keys that begin with"
            spellcheck={false}
            onInput={({ currentTarget }) => setPrefix(currentTarget.value)}
          />
        )}
        {contents.add !== undefined && (
          <button type="button" onClick={() => setAdds(true)}>
            Add …
          </button>
        )}
        <Pager pages={pages} next={page.value?.next} />
      </div>
      {page.error !== undefined && <ErrorNote error={page.error} />}
      <Table
        label="Contents"
        columns={columns}
        rows={page.value?.contents}
        keyOf={({ id }) => id}
        empty={prefix === '' ? 'It is empty. Add a value, or wait for a program to do so.' : 'No key begins with this.'}
      />
      {opened !== undefined && <ValueDialog content={opened} close={closed} />}
      {adds && <AddDialog name={name} contents={contents} close={closed} />}
    </section>
  );
}

/** A key: a text as it is, so that it can be read; anything else as it is written. */
function keyText(key: unknown): string {
  return typeof key === 'string' && key !== '' ? key : writtenText(key, 200);
}

type ValueMode = 'view' | 'edit' | 'remove';

/** One value, with all that can be done with it. */
function ValueDialog({ content, close }: { content: StoredPart; close: () => void }): JSX.Element {
  const { key, value, edit, remove } = content;
  const [mode, setMode] = useState<ValueMode>('view');
  const field = useRef<HTMLTextAreaElement>(null);
  const title = key === undefined ? 'Value' : keyText(key);
  if (mode === 'edit') {
    return (
      <Dialog key="edit" title={`Edit ${title}`} close={close} action={{ label: 'Save', run: () => edit!.save(field.current!.value) }}>
        <label>
          Value, as JSON
          <textarea ref={field} rows={12} spellcheck={false} autofocus>
            {edit!.text}
          </textarea>
        </label>
      </Dialog>
    );
  }
  if (mode === 'remove') {
    return (
      <Dialog key="remove" title={`Remove ${title}`} close={close} action={{ label: 'Remove', isDangerous: true, run: remove! }}>
        <p>It is removed from the object for all programs, if none changed it meanwhile.</p>
        <ValueLine value={value} />
      </Dialog>
    );
  }
  return (
    <Dialog key="view" title={title} close={close}>
      <ValueText value={value} />
      <div class="buttons start">
        {edit?.text !== undefined && (
          <button type="button" onClick={() => setMode('edit')}>
            Edit …
          </button>
        )}
        {remove !== undefined && (
          <button type="button" class="danger" onClick={() => setMode('remove')}>
            Remove …
          </button>
        )}
      </div>
      {edit !== undefined && edit.text === undefined && (
        <p class="hint">JSON cannot express all of this value, so that it cannot be edited here: change it in a program.</p>
      )}
    </Dialog>
  );
}

function AddDialog({ name, contents, close }: { name: string; contents: KindContents; close: () => void }): JSX.Element {
  const keyField = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const hasKey = contents.keys !== undefined && contents.keys !== 'Index';
  const run = async (): Promise<unknown> => contents.add!(name, payloadOf(field.current!.value), keyField.current?.value ?? '');
  return (
    <Dialog title="Add a value" close={close} action={{ label: 'Add', run }}>
      {hasKey && (
        <label>
          {contents.keys}, a text
          <input ref={keyField} type="text" spellcheck={false} autofocus />
        </label>
      )}
      <label>
        Value, as JSON
        <textarea ref={field} rows={8} spellcheck={false} autofocus={!hasKey} />
      </label>
    </Dialog>
  );
}
