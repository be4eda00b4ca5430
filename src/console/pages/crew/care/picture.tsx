/** A twelve-lead ECG, a photograph or a document: taken here, made small enough for a thin line, and seen again. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Attachment } from '../../../../care/schema.ts';
import { attempt, tell } from '../../../shell/actions.ts';
import { askForFile, pathOf } from '../../../shell/api.ts';
import { clockTime, name } from '../../../shell/language.ts';
import { newId } from '../queue.ts';
import { type BodyProps, type CareForm, filled, type Taken } from './form.ts';
import { Choice, say, Words } from './parts.tsx';
import { type Picture, recordOf } from './record.ts';

/** The service takes no more. */
const MOST_BYTES = 10 * 1024 ** 2;
/** Enough to measure an ST segment on a printed strip; a camera's own size takes minutes over a thin line. */
const LONGEST_SIDE = 2_400;
const QUALITY = 0.85;
const kinds = ['twelve-lead-ecg', 'photo', 'document'] as const satisfies readonly Attachment['kind'][];

/** Drawn anew: smaller, and without what a camera writes beside the picture, such as where it was taken. */
async function smaller(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return asBlob(canvas, 'image/jpeg');
}

export const asBlob = (canvas: HTMLCanvasElement, type: 'image/jpeg' | 'image/png'): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the canvas gave nothing'))), type, QUALITY);
  });

export async function taken(blob: Blob): Promise<Taken> {
  return { attachmentId: newId(), mediaType: blob.type, bytes: await blob.arrayBuffer() };
}

interface Values {
  readonly kind?: Attachment['kind'] | null;
  readonly picture?: Taken | null;
  readonly text?: string;
}

function Body({ values, change }: BodyProps<Values>) {
  const camera = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const accept = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    try {
      const blob = file.type === 'application/pdf' ? file : await smaller(file);
      if (blob.size > MOST_BYTES) return tell('refused', () => say('tooLarge'));
      change({ picture: await taken(blob) });
    } catch {
      tell('refused', () => say('noPicture'));
    }
  };
  const { picture } = values;
  return (
    <>
      <Choice
        label={say('what')}
        options={kinds.map((value) => ({ value, text: name('attachment', value) }))}
        chosen={values.kind ?? 'twelve-lead-ecg'}
        onChoose={(kind) => change({ kind })}
      />
      <div class="row">
        <button type="button" class="big" onClick={() => camera.current?.click()}>
          {say('takePicture')}
        </button>
        <button type="button" class="big" onClick={() => files.current?.click()}>
          {say('chooseFile')}
        </button>
      </div>
      <input
        ref={camera}
        class="unseen"
        type="file"
        accept="image/*"
        capture="environment"
        tabIndex={-1}
        aria-label={say('takePicture')}
        onChange={(event) => void accept(event.currentTarget)}
      />
      <input
        ref={files}
        class="unseen"
        type="file"
        accept="image/jpeg,image/png,application/pdf"
        tabIndex={-1}
        aria-label={say('chooseFile')}
        onChange={(event) => void accept(event.currentTarget)}
      />
      {picture && (
        <figure class="taken">
          {picture.mediaType === 'application/pdf' ? (
            <p>✓ {say('document')}</p>
          ) : (
            <Shown blob={new Blob([picture.bytes], { type: picture.mediaType })} id={picture.attachmentId} />
          )}
          <figcaption class="quiet">
            {say('size', { kilobytes: Math.ceil(picture.bytes.byteLength / 1000) })}
          </figcaption>
        </figure>
      )}
      <Words
        label={say('remark')}
        value={values.text ?? ''}
        most={2000}
        rows={2}
        onChange={(text) => change({ text })}
      />
    </>
  );
}

/** A picture without an address anybody could keep: gone with what shows it. */
function Shown({ blob, id }: { readonly blob: Blob; readonly id: string }) {
  const address = useSignal('');
  // The same id is the same picture.
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    address.value = made;
    return () => URL.revokeObjectURL(made);
  }, [id]);
  return address.value ? <img src={address.value} alt={say('picture')} /> : null;
}

export const picture: CareForm<Values> = {
  list: 'assessments',
  blank: () => ({}),
  read: () => ({}),
  fields: ({ picture: taken, kind, text }) => {
    const isEcg = (kind ?? 'twelve-lead-ecg') === 'twelve-lead-ecg';
    return taken ? filled({ text: text?.trim(), ...(isEcg ? { ecgAttachmentId: taken.attachmentId } : {}) }) : null;
  },
  lacks: ({ picture: taken }) => (taken ? null : say('takeFirst')),
  taken: ({ picture: one, kind }) => (one ? [{ picture: one, kind: kind ?? 'twelve-lead-ecg' }] : []),
  Body,
};

/** Opens what was attached: from the tablet while it waits there, else from the service. */
export function OpenPicture({ one }: { readonly one: Picture }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const blob = useSignal<Blob | null>(null);
  const open = () =>
    attempt(
      `picture ${one.attachmentId}`,
      () => say('opening'),
      async () => {
        const said = one.waiting?.said;
        blob.value =
          said?.kind === 'attachment'
            ? new Blob([said.bytes], { type: said.mediaType })
            : await askForFile(
                pathOf('v1', 'calls', recordOf.peek()?.callId ?? '', 'care-record', 'attachments', one.attachmentId),
              );
        if (one.mediaType.startsWith('image/')) dialog.current?.showModal();
        else save(blob.value);
      },
    );
  const save = (document_: Blob) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(document_);
    link.download = `${one.kind}.${one.mediaType.split('/')[1] ?? ''}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <>
      <button type="button" onClick={() => void open()}>
        {say('look', { what: name('attachment', one.kind), time: clockTime(one.at) })}
      </button>
      <dialog
        ref={dialog}
        class="picture"
        aria-label={name('attachment', one.kind)}
        onClose={() => {
          blob.value = null;
        }}
      >
        {blob.value && <Shown blob={blob.value} id={one.attachmentId} />}
        <p>
          <button type="button" class="big" onClick={() => dialog.current?.close()}>
            {say('close')}
          </button>
        </p>
      </dialog>
    </>
  );
}
