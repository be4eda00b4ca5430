/** Handover: to which hospital, to whom, what was said, and a line to sign on. */
import { useEffect, useRef } from 'preact/hooks';
import { clockTime } from '../../../shell/language.ts';
import { describe } from './describe.ts';
import { type BodyProps, type CareForm, type EntryOf, filled, type Taken } from './form.ts';
import { Choice, say, Words } from './parts.tsx';
import { asBlob, taken } from './picture.tsx';
import { destination, recordOf, standing } from './record.ts';

interface Values {
  readonly hospitalId?: string | null;
  readonly to?: string;
  readonly text?: string;
  readonly signature?: Taken | null;
  /** Of the entry that is corrected. */
  readonly signatureAttachmentId?: string | undefined;
}

const LONGEST_SUMMARY = 2_000;

/** What stands in the record, oldest first: nobody types at the bedside what was written on the way. */
export const summary = (): string =>
  standing.value
    .filter(({ list }) => !['destinations', 'handovers', 'identities'].includes(list))
    .map(({ list, entry }) => `${clockTime(entry.at).slice(0, 5)} ${describe(list, entry).join(' · ')}`)
    .reverse()
    .join('\n')
    .slice(-LONGEST_SUMMARY);

function Body({ values, change }: BodyProps<Values>) {
  const hospitals = recordOf.value?.hospitals ?? [];
  return (
    <>
      {hospitals.length > 0 && (
        <Choice
          label={say('toHospital')}
          wide
          options={hospitals.map(({ hospitalId, name }) => ({ value: hospitalId, text: name }))}
          chosen={values.hospitalId === undefined ? destination() : values.hospitalId}
          onChoose={(hospitalId) => change({ hospitalId })}
        />
      )}
      <Words label={say('toWhom')} value={values.to ?? ''} most={60} onChange={(to) => change({ to })} />
      <Words
        label={say('summary')}
        value={values.text ?? ''}
        most={LONGEST_SUMMARY}
        rows={6}
        onChange={(text) => change({ text })}
      />
      <p>
        <button type="button" onClick={() => change({ text: summary() })}>
          {say('fromRecord')}
        </button>
      </p>
      <Signature signed={values.signature ?? null} onSign={(signature) => change({ signature })} />
      {values.signatureAttachmentId && !values.signature && <p class="quiet">✓ {say('signedBefore')}</p>}
    </>
  );
}

const WIDTH = 900;
const HEIGHT = 220;

/** Drawn with a finger or a pen. A line cannot be drawn with keys: there the name in the field above stands alone. */
function Signature({
  signed,
  onSign,
}: {
  readonly signed: Taken | null;
  readonly onSign: (signature: Taken | null) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  const brush = () => canvas.current?.getContext('2d') ?? null;
  useEffect(() => {
    const context = brush();
    if (!context) return;
    // White, so that it reads wherever it is shown.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    if (!signed) return;
    void createImageBitmap(new Blob([signed.bytes], { type: signed.mediaType })).then((before) =>
      context.drawImage(before, 0, 0),
    );
    // Only as it opens: from then on the canvas is what counts.
  }, []);
  const pointOf = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = (event.currentTarget as HTMLCanvasElement).getBoundingClientRect();
    return [((event.clientX - left) / width) * WIDTH, ((event.clientY - top) / height) * HEIGHT];
  };
  const begin = (event: PointerEvent) => {
    const context = brush();
    if (!context) return;
    (event.currentTarget as HTMLCanvasElement).setPointerCapture(event.pointerId);
    drawing.current = true;
    context.beginPath();
    context.moveTo(...pointOf(event));
  };
  const draw = (event: PointerEvent) => {
    const context = brush();
    if (!context || !drawing.current) return;
    context.lineWidth = 4;
    context.lineCap = 'round';
    context.strokeStyle = '#000';
    context.lineTo(...pointOf(event));
    context.stroke();
  };
  const end = async () => {
    if (!drawing.current || !canvas.current) return;
    drawing.current = false;
    onSign(await taken(await asBlob(canvas.current, 'image/png')));
  };
  const wipe = () => {
    const context = brush();
    if (context) {
      context.fillStyle = '#fff';
      context.fillRect(0, 0, WIDTH, HEIGHT);
    }
    onSign(null);
  };
  return (
    <div class="signature">
      <span id="signature-label">{say('signature')}</span>
      <canvas
        ref={canvas}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-labelledby="signature-label"
        onPointerDown={begin}
        onPointerMove={draw}
        onPointerUp={() => void end()}
        onPointerCancel={() => void end()}
      />
      <button type="button" disabled={!signed} onClick={wipe}>
        {say('signAnew')}
      </button>
    </div>
  );
}

export const handover: CareForm<Values> = {
  list: 'handovers',
  blank: () => ({ text: summary() }),
  read: (entry) => {
    const { hospitalId, to, text, signatureAttachmentId } = entry as unknown as EntryOf<'handovers'>;
    return { hospitalId: hospitalId ?? null, to: to ?? '', text: text ?? '', signatureAttachmentId };
  },
  fields: ({ hospitalId, to, text, signature, signatureAttachmentId }) =>
    filled({
      hospitalId: hospitalId === undefined ? destination() : hospitalId,
      to: to?.trim(),
      text: text?.trim(),
      signatureAttachmentId: signature?.attachmentId ?? signatureAttachmentId,
    }),
  lacks: ({ to }) => (to?.trim() ? null : say('nameFirst')),
  taken: ({ signature }) => (signature ? [{ picture: signature, kind: 'document' }] : []),
  Body,
};
